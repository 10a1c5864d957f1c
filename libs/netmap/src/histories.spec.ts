import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { networkOf } from './advance.js';
import { affectedViewers } from './affected-viewers.js';
import { mergeChanges } from './change.js';
import { diffView } from './diff-view.js';
import { digestOf, updateDigest } from './digest.js';
import { applyDiff, diffNetmaps, isEmptyDiff, type Netmap } from './netmap.js';
import type { Network } from './network.js';
import { arbitraryEvents, FOUNDING } from './testing/arbitrary-events.js';
import { encodeJson } from './testing/encode-json.js';
import { type Followed, followAll } from './testing/follow.js';
import { netmapsOf } from './testing/oracle.js';
import { viewOf } from './view.js';

const NODES = 14;
const founded = followAll(FOUNDING).at(-1) as Followed;
const histories = arbitraryEvents(NODES);
const everyone = Array.from({ length: NODES }, (_, n) => `n${n}`);

const last = (followed: readonly Followed[]): Followed => followed.at(-1) as Followed;
const viewsOf = (network: Network) => new Map(everyone.map((id) => [id, viewOf(network, id)]));
const plain = (netmap: ReadonlyMap<string, unknown> | undefined) => Object.fromEntries(netmap ?? []);

describe('after every event of a random history', () => {
  test('every node is told what the slow twin says', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(histories, (events) => {
        for (const { state, network } of followAll(events, founded)) {
          const expected = netmapsOf(state);
          for (const id of everyone) {
            const netmap = viewOf(network, id);
            expect(plain(netmap)).toEqual(plain(expected.get(id)));
            for (const { kind } of netmap.values()) met.set(kind, (met.get(kind) ?? 0) + 1);
          }
        }
      }),
      { numRuns: 30 },
    );
    for (const kind of ['self', 'peer', 'route', 'rule', 'dns']) expect(met.get(kind)).toBeGreaterThan(200);
  });

  test('all whose netmap changed are affected, few others are, and the diff is exact', () => {
    const count = { events: 0, changed: 0, affected: 0 };
    fc.assert(
      fc.property(histories, (events) => {
        let before = founded.network;
        const views = viewsOf(before);
        for (const { network, change } of followAll(events, founded).slice(1)) {
          const affected = affectedViewers(before, network, change);
          for (const id of everyone) {
            const now = viewOf(network, id);
            const step = diffNetmaps(views.get(id) ?? new Map(), now);
            expect(diffView(before, network, id, change)).toEqual(step);
            if (!isEmptyDiff(step)) expect(affected).toContain(id);
            count.changed += isEmptyDiff(step) ? 0 : 1;
            views.set(id, now);
          }
          count.affected += affected.size;
          count.events += 1;
          before = network;
        }
      }),
      { numRuns: 40 },
    );
    expect(count.changed).toBeGreaterThan(count.events);
    expect(count.affected).toBeLessThanOrEqual(1.1 * count.changed);
  });

  test('what says the same is the same object', () => {
    fc.assert(
      fc.property(histories, (events) => {
        let views = viewsOf(founded.network);
        for (const { network } of followAll(events, founded)) {
          const now = viewsOf(network);
          for (const id of everyone) {
            for (const [key, item] of now.get(id) ?? []) {
              const old = views.get(id)?.get(key);
              if (old !== item) expect(old).not.toEqual(item);
            }
          }
          views = now;
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('between any two revisions of a random history', () => {
  test('the diff leads from one netmap to the other, and digests agree', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.nat(), (events, a, b) => {
        const all = followAll(events, founded);
        const [from, to] = [a % all.length, b % all.length].sort((x, y) => x - y) as [number, number];
        const { network: before } = all[from] as Followed;
        const { network: after } = all[to] as Followed;
        const change = mergeChanges(...all.slice(from + 1, to + 1).map((followed) => followed.change));
        const affected = affectedViewers(before, after, change);
        for (const id of everyone) {
          const [old, fresh] = [viewOf(before, id), viewOf(after, id)];
          const diff = diffView(before, after, id, change);
          expect(plain(applyDiff(old, diff))).toEqual(plain(fresh));
          expect(updateDigest(digestOf(old, encodeJson), diff, encodeJson)).toEqual(digestOf(fresh, encodeJson));
          if (!affected.has(id)) expect(isEmptyDiff(diff)).toBe(true);
        }
      }),
      { numRuns: 80 },
    );
  });
});

test('a network is the same by way of its history and from its state alone', () => {
  fc.assert(
    fc.property(histories, (events) => {
      const { state, network } = last(followAll(events, founded));
      const [followed, fresh] = [viewsOf(network), viewsOf(networkOf(state))];
      for (const id of everyone) expect(plain(followed.get(id))).toEqual(plain(fresh.get(id) as Netmap));
    }),
    { numRuns: 40 },
  );
});
