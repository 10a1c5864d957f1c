import type { EngineState } from './engine-state.js';
import { meet, sameSelf, sameSender } from './meet.js';
import type { Operation } from './operation.js';
import { difference, sameSet } from './sets.js';

/**
 * The operations that take the engine from one state to another: first down to what both have in common, then keys,
 * then up. So every state in between permits no more than `current` or no more than `desired`, and when the first half
 * is done nothing is left that `desired` denies. Sessions of peers whose key stays are not touched.
 */
export function plan(current: EngineState, desired: EngineState): Operation[] {
  if (current === desired) return [];
  const reachable = withoutEvicted(current, desired);
  const common = meet(reachable, desired);
  return [...shrink(current, common), ...replaceKeys(common, desired), ...grow(common, desired)];
}

/**
 * Without the peers whose new key is, for now, the key of another one that stays. Two peers cannot hold one key, so
 * these cannot pass from key to key while their session lives: they go and come back.
 */
function withoutEvicted(current: EngineState, desired: EngineState): EngineState {
  const holders = new Map<string, string>();
  for (const { id, nodeKey } of current.peers.values()) if (desired.peers.has(id)) holders.set(nodeKey, id);
  const evicted = [...current.peers.keys()].filter((id) => {
    const holder = holders.get(desired.peers.get(id)?.nodeKey ?? '');
    return holder !== undefined && holder !== id;
  });
  if (evicted.length === 0) return current;
  const peers = new Map(current.peers);
  for (const id of evicted) peers.delete(id);
  return { ...current, peers };
}

function* shrink(from: EngineState, to: EngineState): Generator<Operation> {
  for (const prefix of difference(from.routes, to.routes)) yield { kind: 'remove-route', prefix };
  if (!sameSet(from.served, to.served)) yield { kind: 'set-served', prefixes: to.served };
  for (const peer of from.peers.values()) {
    const kept = to.peers.get(peer.id);
    if (!kept) yield { kind: 'remove-peer', peer };
    else if (!sameSet(kept.allowedIps, peer.allowedIps)) yield { kind: 'set-allowed-ips', peer: kept };
  }
  if (to.rules.size < from.rules.size) yield { kind: 'set-rules', rules: to.rules };
  for (const sender of from.senders.values()) {
    const kept = to.senders.get(sender.id);
    if (!kept) yield { kind: 'remove-sender', id: sender.id };
    else if (!sameSender(kept, sender)) yield { kind: 'put-sender', sender: kept };
  }
  if (!sameSelf(from.self, to.self)) yield { kind: 'set-self', self: to.self };
  for (const address of difference(from.addresses, to.addresses)) yield { kind: 'remove-address', address };
}

function* replaceKeys(from: EngineState, to: EngineState): Generator<Operation> {
  for (const { id, nodeKey } of from.peers.values()) {
    const next = to.peers.get(id)?.nodeKey;
    if (next !== undefined && next !== nodeKey) yield { kind: 'replace-peer-key', id, from: nodeKey, to: next };
  }
}

function* grow(from: EngineState, to: EngineState): Generator<Operation> {
  for (const address of difference(to.addresses, from.addresses)) yield { kind: 'add-address', address };
  if (!sameSelf(from.self, to.self)) yield { kind: 'set-self', self: to.self };
  for (const sender of to.senders.values()) {
    const known = from.senders.get(sender.id);
    if (!known || !sameSender(known, sender)) yield { kind: 'put-sender', sender };
  }
  if (to.rules.size > from.rules.size) yield { kind: 'set-rules', rules: to.rules };
  for (const peer of to.peers.values()) {
    const known = from.peers.get(peer.id);
    if (!known) yield { kind: 'add-peer', peer };
    else if (!sameSet(known.allowedIps, peer.allowedIps)) yield { kind: 'set-allowed-ips', peer };
  }
  if (!sameSet(from.served, to.served)) yield { kind: 'set-served', prefixes: to.served };
  for (const prefix of difference(to.routes, from.routes)) yield { kind: 'add-route', prefix };
  if (from.dns !== to.dns) yield { kind: 'set-dns', dns: to.dns };
}
