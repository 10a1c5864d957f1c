import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NetworkView, visiblePeers } from '#policy';
import { directoryOf, type Node, subjectOf } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';
import { networkFromScratch } from './advance.js';
import { affectedViewers } from './affected-viewers.js';
import { mergeChanges } from './change.js';
import { diffView } from './diff-view.js';
import { digestOf, updateDigest } from './digest.js';
import { keyOf } from './item.js';
import { applyDiff, diffNetmaps, isEmptyDiff, type NetmapDiff } from './netmap.js';
import type { Network } from './network.js';
import { isExitPrefix } from './route-election.js';
import { arbitraryEvents, FOUNDING } from './testing/arbitrary-events.js';
import { encodeJson } from './testing/encode-json.js';
import { type Followed, followAll } from './testing/follow.js';
import { netmapsOf } from './testing/oracle.js';
import { viewOf } from './view.js';
import { digestOfView } from './view-digest.js';

/** Events that make sense and events that do not; each network from the first to the last. */
const histories: fc.Arbitrary<readonly Followed[]> = fc.oneof(
  arbitraryEvents(14).map((events) => followAll([...FOUNDING, ...events])),
  arbitraryHistory({ steps: 100, minSteps: 60, nodes: 24 }).map(({ events }) =>
    followAll(events.map(({ event }) => event)),
  ),
);

const plain = (netmap: ReadonlyMap<string, unknown> | undefined) => Object.fromEntries(netmap ?? []);

/** As `expect().toEqual()`, at a fraction of the cost when it holds. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** A diff by key, without its order. */
const itemsOf = ({ removed, upserted }: NetmapDiff) => ({
  removed: new Map(removed.map((item) => [keyOf(item), item])),
  upserted: new Map(upserted.map((upsert) => [keyOf(upsert.after), upsert])),
});

const everyoneIn = (...networks: readonly Network[]): Set<string> =>
  new Set(networks.flatMap(({ nodes }) => [...nodes.keys()]));

describe('after every event of a random history', () => {
  test('every node is told what the slow twin says', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(histories, (moments) => {
        for (const { state, network } of moments) {
          const expected = netmapsOf(state);
          expectEqual(everyoneIn(network), new Set(expected.keys()));
          for (const [id, items] of expected) {
            const netmap = viewOf(network, id);
            expectEqual(plain(netmap), plain(items));
            for (const { kind } of netmap.values()) met.set(kind, (met.get(kind) ?? 0) + 1);
          }
        }
      }),
      { numRuns: 20 },
    );
    for (const kind of ['self', 'peer', 'route', 'rule', 'dns']) expect(met.get(kind)).toBeGreaterThan(100);
  });

  test('all whose netmap changed are affected, few others are, and the diff is exact', () => {
    const count = { changed: 0, affected: 0, calm: 0 };
    fc.assert(
      fc.property(histories, (moments) => {
        let before = moments[0]?.network as Network;
        for (const { network, change } of moments.slice(1)) {
          const affected = affectedViewers(before, network, change);
          for (const id of everyoneIn(before, network)) {
            const step = diffNetmaps(viewOf(before, id), viewOf(network, id));
            expectEqual(itemsOf(diffView(before, network, id, change)), itemsOf(step));
            if (isEmptyDiff(step)) count.calm += 1;
            else {
              count.changed += 1;
              if (!affected.has(id)) expect(affected).toContain(id);
            }
          }
          count.affected += affected.size;
          before = network;
        }
      }),
      { numRuns: 30 },
    );
    // Were everybody affected by everything, the first would fail, for most netmaps stay as they are.
    expect(count.affected).toBeLessThanOrEqual(1.1 * count.changed);
    expect(count.calm).toBeGreaterThan(2 * count.changed);
    expect(count.changed).toBeGreaterThan(500);
  });

  test('what says the same is the same object', () => {
    fc.assert(
      fc.property(histories, (moments) => {
        let before = moments[0]?.network as Network;
        for (const { network } of moments.slice(1)) {
          for (const id of everyoneIn(network)) {
            const old = viewOf(before, id);
            for (const [key, item] of viewOf(network, id)) {
              if (old.get(key) !== item) expect(isDeepStrictEqual(old.get(key), item)).toBe(false);
            }
          }
          before = network;
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('between any two revisions of a random history', () => {
  test('the diff leads from one netmap to the other, and digests agree', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.nat(), (moments, a, b) => {
        const [from, to] = [a % moments.length, b % moments.length].sort((x, y) => x - y) as [number, number];
        const { network: before } = moments[from] as Followed;
        const { network: after } = moments[to] as Followed;
        const change = mergeChanges(...moments.slice(from + 1, to + 1).map((moment) => moment.change));
        const affected = affectedViewers(before, after, change);
        for (const id of everyoneIn(before, after)) {
          const [old, fresh] = [viewOf(before, id), viewOf(after, id)];
          const diff = diffView(before, after, id, change);
          expectEqual(plain(applyDiff(old, diff)), plain(fresh));
          expectEqual(updateDigest(digestOf(old, encodeJson), diff, encodeJson), digestOf(fresh, encodeJson));
          expectEqual(digestOfView(after, id, encodeJson), digestOf(fresh, encodeJson));
          if (!affected.has(id)) expect(isEmptyDiff(diff)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

test('peers and routes are those of the policy library, which is held to what the reference does', () => {
  let routes = 0;
  fc.assert(
    fc.property(histories, (moments) => {
      const { state, network } = moments.at(-1) as Followed;
      const { compiled } = state.policy;
      if (!compiled) return;
      const active = [...network.nodes.values()].filter(({ presence }) => presence !== undefined);
      const subjects = active.map(({ id }) => subjectOf(state, state.nodes.get(id) as Node));
      const view = new NetworkView(compiled, { subjects, directory: directoryOf(state) });
      const primaries = new Map(
        active.flatMap(({ self }) =>
          self.routes.filter(({ primary }) => primary).map(({ prefix }) => [prefix, self.id]),
        ),
      );
      for (const { id, self } of active) {
        const netmap = [...viewOf(network, id).values()];
        const told = netmap.filter((item) => item.kind === 'route');
        routes += told.length;
        const mine = netmap
          .filter((item) => item.kind === 'peer')
          .map((peer) => ({
            id: peer.id,
            routes: told.filter(({ via }) => via === peer.id).map(({ prefix }) => prefix),
          }));
        // There, a router that stands by is shown the primary's route in any case; it has no use for it.
        const own = self.routes.map(({ prefix }) => prefix);
        const others = (list: readonly string[]) =>
          list.filter((prefix) => isExitPrefix(prefix) || !own.includes(prefix)).sort();
        const byId = (peers: readonly { id: string; routes: readonly string[] }[]) =>
          new Map(peers.map((peer) => [peer.id, others(peer.routes)]));
        expectEqual(byId(mine), byId(visiblePeers(view, id, primaries)));
      }
    }),
    { numRuns: 60 },
  );
  expect(routes).toBeGreaterThan(20);
});

test('a network is the same by way of its history and from its state alone', () => {
  fc.assert(
    fc.property(histories, (moments) => {
      const { state, network } = moments.at(-1) as Followed;
      const fresh = networkFromScratch(state);
      expectEqual(everyoneIn(network), everyoneIn(fresh));
      for (const id of everyoneIn(network)) expectEqual(plain(viewOf(network, id)), plain(viewOf(fresh, id)));
    }),
    { numRuns: 30 },
  );
});
