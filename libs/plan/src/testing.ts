import { advance } from './advance.js';
import type { EngineState, TunnelPeer } from './engine-state.js';
import type { Operation } from './operation.js';

/** `advance`, but it fails where a real engine would refuse or do nothing. */
export function applyStrictly(state: EngineState, operation: Operation): EngineState {
  const problem = objection(state, operation);
  if (problem) throw new Error(`${JSON.stringify(operation)}: ${problem}`);
  return advance(state, operation);
}

function objection(state: EngineState, operation: Operation): string | undefined {
  switch (operation.kind) {
    case 'remove-route':
      return state.routes.includes(operation.prefix) ? undefined : 'no such route';
    case 'add-route':
      return state.routes.includes(operation.prefix) ? 'already there' : undefined;
    case 'remove-address':
      return state.addresses.includes(operation.address) ? undefined : 'no such address';
    case 'add-address':
      return state.addresses.includes(operation.address) ? 'already there' : undefined;
    case 'add-peer':
      return state.peers.has(operation.peer.id) ? 'already there' : conflict(state, operation.peer);
    case 'remove-peer':
    case 'set-allowed-ips':
      if (state.peers.get(operation.peer.id)?.nodeKey !== operation.peer.nodeKey) return 'no peer with this key';
      return operation.kind === 'set-allowed-ips' ? conflict(state, operation.peer) : undefined;
    case 'replace-peer-key':
      if (state.peers.get(operation.id)?.nodeKey !== operation.from) return 'no peer with this key';
      return conflict(state, { id: operation.id, nodeKey: operation.to, allowedIps: [] });
    case 'remove-sender':
      return state.senders.has(operation.id) ? undefined : 'no such sender';
    default:
      return undefined;
  }
}

/** A key belongs to one peer, and so does an address. */
function conflict({ peers }: EngineState, peer: TunnelPeer): string | undefined {
  for (const other of peers.values()) {
    if (other.id === peer.id) continue;
    if (other.nodeKey === peer.nodeKey) return `${other.id} has this key`;
    if (peer.allowedIps.some((ip) => other.allowedIps.includes(ip))) return `${other.id} has one of these addresses`;
  }
  return undefined;
}
