import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { NetworkView, visiblePeers } from '#policy';
import { directoryOf, type Node, subjectOf } from '#tailnet';
import { networkFromScratch } from '../advance.js';
import { affectedViewers } from '../affected-viewers.js';
import type { Change } from '../change.js';
import { diffView } from '../diff-view.js';
import { digestOf, updateDigest } from '../digest.js';
import { keyOf } from '../item.js';
import { applyDiff, diffNetmaps, isEmptyDiff, type NetmapDiff } from '../netmap.js';
import type { Network } from '../network.js';
import { isExitPrefix } from '../route-election.js';
import { viewOf } from '../view.js';
import { digestOfView } from '../view-digest.js';
import { encodeJson } from './encode-json.js';
import type { Followed } from './follow.js';
import { netmapsOf } from './oracle.js';

/** How often what happened, so that a test can tell that it did happen. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, times = 1): void {
    this.#counts.set(what, this.of(what) + times);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }
}

/** Every node is told what the slow twin says. Tallies the kinds of items. */
export function expectTwinsAgree({ state, network }: Followed, tally: Tally): void {
  const expected = netmapsOf(state);
  expectEqual(everyoneIn(network), new Set(expected.keys()));
  for (const [id, items] of expected) {
    const netmap = viewOf(network, id);
    expectEqual(plain(netmap), plain(items));
    for (const { kind } of netmap.values()) tally.add(kind);
  }
}

/** The network of the state alone has the same netmaps. */
export function expectHistoryIsForgotten({ state, network }: Followed): void {
  const fresh = networkFromScratch(state);
  expectEqual(everyoneIn(network), everyoneIn(fresh));
  for (const id of everyoneIn(network)) expectEqual(plain(viewOf(network, id)), plain(viewOf(fresh, id)));
}

/**
 * All whose netmap changed are affected, the diffs are exact, lead from one netmap to the other and keep what says the
 * same, and the digests agree. Tallies the viewers: `changed`, `calm` and `affected`.
 * @param change from `before` to `after`, or more
 */
export function expectExactStep(before: Network, after: Network, change: Change, tally: Tally): void {
  const affected = affectedViewers(before, after, change);
  tally.add('affected', affected.size);
  for (const id of everyoneIn(before, after)) {
    const [old, fresh] = [viewOf(before, id), viewOf(after, id)];
    const [exact, diff] = [diffNetmaps(old, fresh), diffView(before, after, id, change)];
    expectEqual(byKey(diff), byKey(exact));
    for (const { before: was, after: is } of diff.upserted) expect(isDeepStrictEqual(was, is)).toBe(false);
    tally.add(isEmptyDiff(exact) ? 'calm' : 'changed');
    if (!isEmptyDiff(exact) && !affected.has(id)) expect(affected).toContain(id);
    expectEqual(plain(applyDiff(old, diff)), plain(fresh));
    const digest = digestOf(fresh, encodeJson);
    expectEqual(updateDigest(digestOf(old, encodeJson), diff, encodeJson), digest);
    expectEqual(digestOfView(after, id, encodeJson), digest);
  }
}

/** Peers and routes are those of the policy library, which is held to what the reference does. Tallies the routes. */
export function expectPolicyAgrees({ state, network }: Followed, tally: Tally): void {
  const { compiled } = state.policy;
  if (!compiled) return;
  const active = [...network.nodes.values()].filter(({ presence }) => presence !== undefined);
  const subjects = active.map(({ id }) => subjectOf(state, state.nodes.get(id) as Node));
  const view = new NetworkView(compiled, { subjects, directory: directoryOf(state) });
  const primaries = new Map(
    active.flatMap(({ self }) => self.routes.filter(({ primary }) => primary).map(({ prefix }) => [prefix, self.id])),
  );
  for (const { id, self } of active) {
    const netmap = [...viewOf(network, id).values()];
    const routes = netmap.filter((item) => item.kind === 'route');
    tally.add('route', routes.length);
    const mine = netmap
      .filter((item) => item.kind === 'peer')
      .map((peer) => ({
        id: peer.id,
        routes: routes.filter(({ via }) => via === peer.id).map(({ prefix }) => prefix),
      }));
    // There, a router that stands by is shown the primary's route in any case; it has no use for it.
    const own = self.routes.map(({ prefix }) => prefix).filter((prefix) => !isExitPrefix(prefix));
    const byPeer = (peers: readonly { readonly id: string; readonly routes: readonly string[] }[]) =>
      new Map(peers.map((peer) => [peer.id, peer.routes.filter((prefix) => !own.includes(prefix)).sort()]));
    expectEqual(byPeer(mine), byPeer(visiblePeers(view, id, primaries)));
  }
}

/** As `expect().toEqual()`, at a fraction of the cost when it holds. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

const plain = (netmap: ReadonlyMap<string, unknown>) => Object.fromEntries(netmap);

/** A diff without its order. */
const byKey = ({ removed, upserted }: NetmapDiff) => ({
  removed: new Map(removed.map((item) => [keyOf(item), item])),
  upserted: new Map(upserted.map((upsert) => [keyOf(upsert.after), upsert])),
});

const everyoneIn = (...networks: readonly Network[]): Set<string> =>
  new Set(networks.flatMap(({ nodes }) => [...nodes.keys()]));
