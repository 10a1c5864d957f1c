import type { EngineState, TunnelPeer } from './engine-state.js';
import type { Operation } from './operation.js';

/** The state of the engine after one operation. */
export function advance(state: EngineState, operation: Operation): EngineState {
  switch (operation.kind) {
    case 'remove-route':
      return { ...state, routes: without(state.routes, operation.prefix) };
    case 'add-route':
      return { ...state, routes: [...state.routes, operation.prefix] };
    case 'set-served':
      return { ...state, served: operation.prefixes };
    case 'remove-address':
      return { ...state, addresses: without(state.addresses, operation.address) };
    case 'add-address':
      return { ...state, addresses: [...state.addresses, operation.address] };
    case 'remove-peer':
      return { ...state, peers: dropped(state.peers, operation.peer.id) };
    case 'add-peer':
    case 'set-allowed-ips':
      return withPeer(state, operation.peer);
    case 'replace-peer-key': {
      const peer = state.peers.get(operation.id);
      return peer ? withPeer(state, { ...peer, nodeKey: operation.to }) : state;
    }
    case 'set-self':
      return { ...state, self: operation.self };
    case 'remove-sender':
      return { ...state, senders: dropped(state.senders, operation.id) };
    case 'put-sender':
      return { ...state, senders: new Map(state.senders).set(operation.sender.id, operation.sender) };
    case 'set-rules':
      return { ...state, rules: operation.rules };
    case 'set-dns':
      return { ...state, dns: operation.dns };
  }
}

const withPeer = (state: EngineState, peer: TunnelPeer): EngineState => ({
  ...state,
  peers: new Map(state.peers).set(peer.id, peer),
});

const without = (list: readonly string[], member: string): string[] => list.filter((other) => other !== member);

function dropped<V>(map: ReadonlyMap<string, V>, key: string): Map<string, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
