import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerEvent } from '#event-store';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { arbitraryHistory, START } from '#tailnet/testing';
import { History } from './history.js';
import type { MemorySnapshotCache } from './snapshot/memory-snapshot-cache.js';
import { StreamSnapshots } from './snapshot/stream-snapshots.js';
import { stateDigests } from './state-digest.js';
import { STREAM, sealedEvents, storeOf } from './testing/ledger-of.js';
import { testSnapshotPorts } from './testing/snapshot-ports.js';

const NOW = START + 1e12;

const slowFold = (events: readonly LedgerEvent[], revision: number): TailnetState =>
  events.slice(0, revision + 1).reduce((state, event) => evolve(state, event, event), initialState);

/** What a past state says: all but the commands. */
const said = async (state: TailnetState) =>
  [...(await stateDigests({ ...state, outcomes: initialState.outcomes }))].sort();

async function historyOf(events: readonly LedgerEvent[]) {
  const ports = testSnapshotPorts(await storeOf(events));
  const present = slowFold(events, events.length);
  const open = () =>
    new History({
      stream: STREAM,
      store: ports.kept,
      snapshots: new StreamSnapshots(STREAM, ports),
      clock: { now: () => NOW },
      present: () => present,
    });
  return { ports, open, cache: ports.cache as MemorySnapshotCache };
}

const ledger = arbitraryHistory({ steps: 60, minSteps: 20 }).map(sealedEvents);
const choices = fc.array(fc.record({ at: fc.nat(), what: fc.nat(9) }), { minLength: 3, maxLength: 12 });

describe('history', () => {
  test('says what a slow fold says, at any moments in any order, whatever is lost or damaged between', () =>
    fc.assert(
      fc.asyncProperty(ledger, choices, async (events, all) => {
        const { open, cache } = await historyOf(events);
        let history = open();
        for (const { at, what } of all) {
          const revision = at % events.length;
          expect(await said(await history.stateAt(revision))).toEqual(await said(slowFold(events, revision)));
          const kept = await cache.revisions(STREAM, 'state');
          const key = { stream: STREAM, revision: kept[at % kept.length] ?? 0, part: 'state' } as const;
          if (what < 4) history = open();
          if (what === 1) await cache.discard(STREAM);
          if (what === 2) await cache.remove(key);
          if (what === 3) await cache.write(key, Uint8Array.of(what));
        }
      }),
      { numRuns: 12 },
    ));

  test('finds the last event that was recorded at a time or before, also where clocks went back', () =>
    fc.assert(
      fc.asyncProperty(ledger, fc.array(fc.integer({ min: -9, max: 9 })), choices, async (events, jumps, all) => {
        const jumping = events.map((event, i) => ({ ...event, recordedAt: START + 10 * i + (jumps[i % 7] ?? 0) * 20 }));
        const { open } = await historyOf(resealed(jumping));
        const clocks = jumping.map((_, i) => Math.max(...jumping.slice(0, i + 1).map(({ recordedAt }) => recordedAt)));
        const history = open();
        for (const { at } of all) {
          const time = (clocks[at % clocks.length] ?? 0) + (at % 3) - 1;
          const expected = clocks.findLastIndex((clock) => clock <= time);
          if (expected >= 0) expect(await history.revisionAt(time)).toBe(expected);
          else await expect(history.revisionAt(time)).rejects.toMatchObject({ code: 'history.before_beginning' });
        }
      }),
      { numRuns: 12 },
    ));

  const [events = []] = fc.sample(ledger, { seed: 3, numRuns: 1 });

  test('refuses what was not, and what is not yet', async () => {
    const history = (await historyOf(events)).open();
    const code = (expected: string) => expect.objectContaining({ code: expected, where: 'at' });
    for (const revision of [-1, 1.5, events.length]) {
      await expect(history.stateAt(revision)).rejects.toEqual(code('history.no_such_revision'));
    }
    await expect(history.resolve(String(events.length))).rejects.toEqual(code('history.no_such_revision'));
    await expect(history.revisionAt(START - 1)).rejects.toEqual(code('history.before_beginning'));
    await expect(history.revisionAt(NOW + 1)).rejects.toEqual(code('history.in_future'));
    await expect(history.resolve('some day')).rejects.toEqual(code('history.bad_moment'));
    expect(await history.resolve('now')).toBe(events.length - 1);
  });

  test('a second look, and one from another process, reads few events', async () => {
    const { ports, open } = await historyOf(events);
    const revision = events.length - 3;
    await open().stateAt(revision);
    let read = 0;
    const store = { ...ports.kept, read: counting(ports.kept.read.bind(ports.kept), () => read++) };
    const present = slowFold(events, events.length);
    const snapshots = new StreamSnapshots(STREAM, ports);
    const clock = { now: () => NOW };
    const history = new History({ stream: STREAM, store: store as never, snapshots, clock, present: () => present });
    const state = await history.stateAt(revision);
    expect(read).toBeLessThanOrEqual(8);
    const before = read;
    expect(await history.stateAt(revision)).toBe(state);
    expect(await history.networkAt(revision)).toBe(await history.networkAt(revision));
    expect(read).toBe(before);
  });
});

function counting<A extends unknown[]>(read: (...args: A) => AsyncIterable<unknown>, count: () => void) {
  return async function* (...args: A) {
    for await (const event of read(...args)) {
      count();
      yield event;
    }
  };
}

/** The events with their hashes made anew. */
const resealed = (events: readonly LedgerEvent[]): LedgerEvent[] =>
  sealedEvents({
    events: events.map(({ type, version, data, revision, recordedAt, commandId }) => ({
      event: { type, version, data } as never,
      meta: { revision, recordedAt, commandId },
    })),
  });
