import { parsePrefix } from '#net';
import type { Operation, TunnelPeer } from '#plan';
import type { HandSettings } from '../by-hand/hand-settings.js';
import { keyOf } from './node-key.js';
import type { Tunnel } from './tunnel.js';

/** What a plan asks of the machine around the engine. */
type HostOperation = Extract<
  Operation,
  { kind: `${'add' | 'remove'}-${'route' | 'address'}` | 'set-served' | 'set-dns' }
>;
type TunnelOperation = Exclude<Operation, HostOperation>;

const HOST_KINDS: ReadonlySet<string> = new Set<HostOperation['kind']>([
  'add-route',
  'remove-route',
  'add-address',
  'remove-address',
  'set-served',
  'set-dns',
]);

export const isHostOperation = (operation: Operation): operation is HostOperation => HOST_KINDS.has(operation.kind);

/**
 * @param byHand gives way to the peers of the netmap
 * @throws NetfoldError where the engine or the filter refuses; nothing has changed then
 */
export function applyToTunnel(tunnel: Tunnel, byHand: HandSettings, operation: TunnelOperation): void {
  const { engine, filter, now } = tunnel;
  switch (operation.kind) {
    case 'add-peer':
      giveUp(tunnel, operation.peer.nodeKey);
      byHand.giveWay(keyOf(operation.peer.nodeKey));
      tunnel.addPeer(configOf(operation.peer));
      break;
    case 'remove-peer':
      tunnel.removePeer(operation.peer.id);
      break;
    case 'replace-peer-key':
      giveUp(tunnel, operation.to);
      byHand.giveWay(keyOf(operation.to));
      engine.replacePeerKey(now, keyOf(operation.from), keyOf(operation.to));
      break;
    case 'set-allowed-ips':
      engine.updatePeer(now, keyOf(operation.peer.nodeKey), { allowedIps: operation.peer.allowedIps.map(parsePrefix) });
      break;
    case 'set-self':
      filter.setSelf(operation.self);
      break;
    case 'put-sender':
      filter.setPeer(operation.sender);
      break;
    case 'remove-sender':
      filter.removePeer(operation.id);
      break;
    case 'set-rules':
      filter.setRules([...operation.rules.values()]);
  }
}

/**
 * A key that was this node's own until its last rotation, and is a peer's now: nobody has to prove that a node key is
 * theirs, so whoever takes it must not keep this node from anything but from answering under it.
 */
const giveUp = ({ engine, now }: Tunnel, nodeKey: string): void => engine.retireIdentity(now, keyOf(nodeKey));

const configOf = ({ id, nodeKey, allowedIps }: TunnelPeer) => ({
  publicKey: keyOf(nodeKey),
  label: id,
  allowedIps: allowedIps.map(parsePrefix),
});
