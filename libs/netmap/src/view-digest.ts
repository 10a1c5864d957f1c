import { addHash, DIGEST_BYTES, type Digest, type Encoder, emptyDigest, subtractHash } from './digest.js';
import type { Item } from './item.js';
import type { Network } from './network.js';
import type { Reach } from './policy-index.js';
import { routeIdOf } from './route-election.js';
import { partySight, viewerSight } from './sight.js';
import { reachOf, siblingsOf } from './view.js';

// When all agents come back at once, they are of few parties.
const known = new WeakMap<Encoder, WeakMap<Network, Map<Reach, Digest>>>();

/**
 * The digest of a viewer's netmap, as `digestOf(viewOf(network, viewer))`. It costs the size of the netmap for the
 * first viewer of a party, and little for the others.
 */
export function digestOfView(network: Network, viewer: string, encode: Encoder): Digest {
  const record = network.nodes.get(viewer);
  if (!record) return emptyDigest;
  const digest = new Uint8Array(DIGEST_BYTES);
  const put = (item: Item | undefined) => item && addHash(digest, encode(item).hash);
  const drop = (item: Item | undefined) => item && subtractHash(digest, encode(item).hash);
  put(record.self);
  const reach = reachOf(network, record);
  if (!reach) return digest;
  addHash(digest, digestOfParty(network, reach, encode));
  const [common, own] = [partySight(network, reach), viewerSight(network, record, reach)];
  for (const id of new Set([viewer, ...siblingsOf(network, record, reach)])) {
    drop(common.peer(id));
    put(own.peer(id));
  }
  for (const { prefix } of record.offers) {
    const id = routeIdOf(prefix, viewer);
    drop(common.route(id));
    put(own.route(id));
  }
  return digest;
}

/** What all nodes of a party have in their netmaps, as if they saw themselves. */
function digestOfParty(network: Network, reach: Reach, encode: Encoder): Digest {
  const digests = digestsOf(network, encode);
  const digest = digests.get(reach) ?? new Uint8Array(DIGEST_BYTES);
  if (digests.has(reach)) return digest;
  const put = (item: Item | undefined) => item && addHash(digest, encode(item).hash);
  const sight = partySight(network, reach);
  put(network.dns);
  for (const id of network.cohorts.membersBearing(reach.peers)) put(sight.peer(id));
  for (const id of network.routes.cohorts.membersBearing(reach.routes)) put(sight.route(id));
  for (const rule of reach.rules.values()) put(rule);
  digests.set(reach, digest);
  return digest;
}

function digestsOf(network: Network, encode: Encoder): Map<Reach, Digest> {
  const byNetwork = known.get(encode) ?? new WeakMap<Network, Map<Reach, Digest>>();
  const digests = byNetwork.get(network) ?? new Map<Reach, Digest>();
  known.set(encode, byNetwork.set(network, digests));
  return digests;
}
