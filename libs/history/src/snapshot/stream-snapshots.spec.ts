import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerEvent } from '#event-store';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';
import { Names } from '../names.js';
import { STREAM, sealedEvents, storeOf } from '../testing/ledger-of.js';
import { testSnapshotPorts } from '../testing/snapshot-ports.js';
import { MemorySnapshotCache } from './memory-snapshot-cache.js';
import { StreamSnapshots } from './stream-snapshots.js';

const [lived] = fc.sample(arbitraryHistory({ steps: 150, minSteps: 150 }), { seed: 5, numRuns: 1 });
const events = sealedEvents(lived ?? { events: [] });

function at(revision: number, of: readonly LedgerEvent[] = events) {
  const names = new Names();
  let state: TailnetState = initialState;
  for (const event of of.slice(0, revision + 1)) {
    names.apply(event);
    state = evolve(state, event, event);
  }
  return { head: { revision, hash: of[revision]?.hash ?? '' }, state, names };
}

const state = (revision: number) => ({ stream: STREAM, revision, part: 'state' }) as const;

async function setup(changes = {}) {
  const ports = testSnapshotPorts(await storeOf(events), changes);
  const cache = ports.cache as MemorySnapshotCache;
  const reopened = (more = {}) => new StreamSnapshots(STREAM, { ...ports, ...more });
  return { ports, cache, reopened, snapshots: reopened() };
}

describe('snapshots of a stream', () => {
  test('give back what was saved: to a start everything, to history all but the commands', async () => {
    const { snapshots, reopened, ports } = await setup();
    await snapshots.save(at(35));
    const standing = await reopened().newest(35);
    expect(standing?.head).toEqual(at(35).head);
    expect([...(standing?.state.outcomes.entries() ?? [])]).toEqual([...at(35).state.outcomes.entries()]);
    expect([...(standing?.names.freeze() ?? [])]).toEqual([...at(35).names.freeze()]);
    expect((await reopened().checkpoint(35))?.state.outcomes.size).toBe(0);
    expect(await reopened().clock(35)).toBe(at(35).state.recordedAt);
    expect(ports.reported).toEqual([]);
  });

  test('a start begins with the newest that is old enough, or else with the newest; few are kept for it', async () => {
    const { snapshots, cache } = await setup();
    for (const revision of [10, 20, 30]) await snapshots.save(at(revision));
    const found = async (wanted: number) => (await snapshots.newest(wanted))?.head.revision;
    expect([await found(25), await found(30), await found(5)]).toEqual([20, 30, 30]);
    expect(await cache.revisions(STREAM, 'rest')).toEqual([20, 30]);
    expect(await snapshots.revisions()).toEqual([10, 20, 30]);
  });

  test.each<[string, string, (cache: MemorySnapshotCache) => Promise<void>, object?]>([
    ['damaged', 'snapshot.damaged', async (cache) => cache.write(state(20), Uint8Array.of(1, 2, 3))],
    ['of another release', 'snapshot.other_codec', async () => {}, { release: '2.0.0' }],
    ['of another server', 'snapshot.damaged', async () => {}, { secret: new Uint8Array(32) }],
    [
      'in the place of another',
      'snapshot.damaged',
      async (cache) => cache.write(state(20), (await cache.read(state(10))) ?? new Uint8Array()),
    ],
  ])('one that is %s is reported once, removed, and not used', async (_, code, harm, changes = {}) => {
    const { snapshots, cache, ports, reopened } = await setup();
    for (const revision of [10, 20]) await snapshots.save({ ...at(revision) });
    await harm(cache);
    const again = reopened(changes);
    expect(await again.checkpoint(20)).toBeUndefined();
    expect(await again.checkpoint(20)).toBeUndefined();
    expect(ports.reported).toMatchObject([{ code, where: expect.stringContaining('@20') }]);
    expect(await again.revisions()).not.toContain(20);
    expect(await cache.read(state(20))).toBeUndefined();
  });

  test('one that is about another ledger is not used: rewritten, shorter, or tampered with behind it', async () => {
    const { snapshots, ports } = await setup();
    await snapshots.save(at(20));
    const other = sealedEvents({
      events: (lived?.events ?? []).map((one) => ({ ...one, meta: { ...one.meta, commandId: 'x' } })),
    });
    const loose = events.map((event) => (event.revision === 21 ? { ...event, data: { forged: true } } : event));
    const tampered = { ...ports.kept, read: () => loose.slice(20, 22).map((event) => ({ ...event, position: 1 })) };
    const copies = [await storeOf(other), await storeOf(events.slice(0, 20)), tampered as never];
    const bytes = (await ports.cache.read(state(20))) ?? new Uint8Array();
    for (const kept of copies) {
      await ports.cache.write(state(20), bytes);
      expect(await new StreamSnapshots(STREAM, { ...ports, kept }).checkpoint(20)).toBeUndefined();
    }
    expect(ports.reported.map(({ code }) => code)).toEqual([
      'snapshot.other_ledger',
      'snapshot.other_ledger',
      'chain.wrong_hash',
    ]);
  });

  test('what cannot be written or listed is reported, and nothing else', async () => {
    const cache = new MemorySnapshotCache();
    cache.write = () => Promise.reject(new Error('no space left'));
    cache.revisions = () => Promise.reject(new Error('not a folder'));
    const { snapshots, ports } = await setup({ cache });
    await snapshots.save(at(20));
    expect(await snapshots.newest(20)).toBeUndefined();
    expect(ports.reported.map(({ message }) => message)).toEqual(['no space left', 'not a folder']);
  });

  test('what is being saved while all is discarded does not come back', async () => {
    const { snapshots, cache } = await setup();
    const saving = snapshots.save(at(20));
    await Promise.all([snapshots.discard(), saving]);
    expect(await cache.revisions(STREAM, 'state')).toEqual([]);
    expect(await cache.revisions(STREAM, 'rest')).toEqual([]);
    await snapshots.save(at(30));
    expect((await snapshots.newest(30))?.head.revision).toBe(30);
  });
});
