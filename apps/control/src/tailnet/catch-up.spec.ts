import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '#crypto/testing';
import type { EventStore, LedgerEvent } from '#event-store';
import { MemorySnapshotCache, stateDigests } from '#history';
import { STREAM, sealedEvents, storeOf, testSnapshotPorts } from '#history/testing';
import { applyDiff, networkFromScratch } from '#netmap';
import { memoryPersonKeys } from '#personal-data/testing';
import { evolve, initialState } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';
import { noNeighbours } from '../cluster/neighbours.js';
import { NetmapProjection } from '../netmap/netmap-projection.js';
import { resumePoint } from '../stream/resume-point.js';
import { Dispatcher } from './dispatcher.js';
import type { Tailnet } from './tailnet.js';
import { Tailnets } from './tailnets.js';

/** Starts a process on a ledger and a cache, and stops it when it has caught up. */
async function started(store: EventStore, cache: MemorySnapshotCache): Promise<Tailnet> {
  const tailnets = new Tailnets({
    store,
    people: memoryPersonKeys(seededRandom(1)),
    neighbours: noNeighbours,
    clock: { now: () => 0 },
    snapshots: testSnapshotPorts(store, { cache }),
    fault: () => {},
  });
  const dispatcher = new Dispatcher(store, tailnets);
  try {
    await dispatcher.start(() => {});
  } finally {
    await dispatcher.stop();
  }
  return tailnets.open(STREAM.slice('tailnet-'.length));
}

/** What every event made of the netmaps, one after the other. */
function stepByStep(events: readonly LedgerEvent[]): NetmapProjection {
  const netmaps = new NetmapProjection();
  let state = initialState;
  for (const event of events) {
    state = evolve(state, event, event);
    netmaps.apply({ ...event, position: event.revision + 1 }, state);
  }
  return netmaps;
}

async function said({ fold, names, netmaps }: Tailnet) {
  const state = [...(await stateDigests(fold.state))].sort();
  const views = [...netmaps.latest.nodes.keys()].sort().map((id) => [id, netmaps.digest(netmaps.latest, id)]);
  return { state, views, head: fold.head, names: [...names.freeze()], epoch: netmaps.epoch, cause: netmaps.cause };
}

const ledger = arbitraryHistory({ steps: 50, minSteps: 12 }).map(sealedEvents);

/** A store that fails after so many events: as if the process had been killed there. */
const failing = (store: EventStore, after: number): EventStore =>
  Object.assign(Object.create(store) as EventStore, {
    head: (stream: string) => store.head(stream),
    streams: () => store.streams(),
    async *read(...args: Parameters<EventStore['read']>) {
      let left = after;
      for await (const event of store.read(...args)) {
        left -= 1;
        if (left < 0) throw new Error('killed');
        yield event;
      }
    },
  });

test('a start from whatever snapshots there are is a start from the first event', () =>
  fc.assert(
    fc.asyncProperty(ledger, fc.nat(), fc.nat(), async (events, cut, kill) => {
      const slow = await said(await started(await storeOf(events), new MemorySnapshotCache()));
      const cache = new MemorySnapshotCache();
      // Those of a shorter ledger, and those of a start that was killed.
      await started(await storeOf(events.slice(0, 1 + (cut % events.length))), cache);
      const store = await storeOf(events);
      await started(failing(store, 1 + (kill % events.length)), cache).catch(() => {});
      expect(await said(await started(store, cache))).toEqual(slow);
      expect((await cache.revisions(STREAM, 'rest')).length > 0).toBe(events.length >= 8);
    }),
    { numRuns: 15 },
  ));

test('an agent that comes back after a restart gets a difference wherever its netmap can be proven', () =>
  fc.assert(
    fc.asyncProperty(ledger, fc.nat(), async (events, cut) => {
      const cache = new MemorySnapshotCache();
      await started(await storeOf(events.slice(0, 1 + (cut % events.length))), cache);
      const { netmaps } = await started(await storeOf(events), cache);
      const before = stepByStep(events);
      expect(netmaps.epoch).toEqual(before.epoch);
      for (const { revision } of events) {
        const then = before.at(revision);
        if (!then) throw new Error('the other process remembers everything');
        for (const id of then.nodes.keys()) {
          const resume = { epoch: before.epoch, revision, digest: before.digest(then, id) };
          const point = resumePoint(netmaps, id, resume);
          const remembered = revision >= netmaps.oldest.revision;
          expect(point.kind).toBe(remembered ? 'known' : point.kind === 'known' ? 'known' : 'unknown');
          if (point.kind !== 'known') continue;
          const diff = netmaps.diff(point.network, id);
          expect(applyDiff(before.view(then, id), diff)).toEqual(before.view(before.latest, id));
        }
      }
    }),
    { numRuns: 12 },
  ));

test('netmaps of a state are those that its events led to', () =>
  fc.assert(
    fc.property(ledger, (events) => {
      const slow = stepByStep(events);
      const state = events.reduce((folded, event) => evolve(folded, event, event), initialState);
      const network = networkFromScratch(state);
      for (const id of slow.latest.nodes.keys()) expect(slow.view(network, id)).toEqual(slow.view(slow.latest, id));
    }),
    { numRuns: 15 },
  ));
