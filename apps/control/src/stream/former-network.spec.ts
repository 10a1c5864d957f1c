import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { History, StreamSnapshots } from '#history';
import { STREAM, sealedEvents, storeOf, testSnapshotPorts } from '#history/testing';
import { applyDiff } from '#netmap';
import { evolve, initialState } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';
import { NetmapProjection } from '../netmap/netmap-projection.js';
import { formerNetwork } from './former-network.js';
import { resumePoint } from './resume-point.js';

test('an agent gets a difference however long it was away, and one that has something else does not', () =>
  fc.assert(
    fc.asyncProperty(
      arbitraryHistory({ steps: 30, minSteps: 8 }).map(sealedEvents),
      fc.integer({ min: 1 }),
      async (events, cut) => {
        const forgotten = cut % events.length;
        const [all, late] = [new NetmapProjection(), new NetmapProjection()];
        let state = initialState;
        for (const [i, event] of events.entries()) {
          const stored = { ...event, position: i + 1 };
          state = evolve(state, event, event);
          all.apply(stored, state);
          const [first] = events;
          if (i === forgotten && first) late.startFrom({ ...first, position: 1 }, stored, state);
          else if (i > forgotten) late.apply(stored, state);
        }
        const store = await storeOf(events);
        const snapshots = new StreamSnapshots(STREAM, testSnapshotPorts(store));
        const present = () => state;
        const history = new History({ stream: STREAM, store, snapshots, clock: { now: () => 0 }, present });
        for (const { revision } of events.slice(0, forgotten)) {
          const then = all.at(revision);
          for (const nodeId of then?.nodes.keys() ?? []) {
            if (!then) continue;
            const resume = { epoch: all.epoch, revision, digest: all.digest(then, nodeId) };
            const former = await formerNetwork({ netmaps: late, history }, { nodeId, resume });
            const point = resumePoint(late, nodeId, resume, former);
            expect(point.kind).toBe('known');
            if (point.kind !== 'known') continue;
            const diff = late.diff(point.network, nodeId);
            expect(applyDiff(all.view(then, nodeId), diff)).toEqual(all.view(all.latest, nodeId));
            const other = { ...resume, digest: new Uint8Array(32).fill(9) };
            const wrong = await formerNetwork({ netmaps: late, history }, { nodeId, resume: other });
            expect(resumePoint(late, nodeId, other, wrong).kind).toBe('unknown');
          }
        }
      },
    ),
    { numRuns: 15 },
  ));
