import type { PeerStatus } from '#wireguard';
import { type SocketPath, socketPathTo } from '../io/socket-address.js';
import type { UdpPath } from '../udp-path.js';
import type { Calls } from './protocol.js';
import { plainPath, type WorkerEngine } from './worker-engine.js';

/** What the other thread may ask for. */
export function callsOn({ engine, filter, mover, output }: WorkerEngine, now: () => number): Calls {
  return {
    addPeer: ({ path, ...config }) => {
      engine.addPeer(now(), { ...config, ...(path && { path: socketPathTo(path.endpoint) }) });
    },
    updatePeer: (publicKey, { path, ...changes }) =>
      engine.updatePeer(now(), publicKey, { ...changes, ...(path && { path: socketPathTo(path.endpoint) }) }),
    removePeer: (publicKey) => engine.removePeer(publicKey),
    replacePeerKey: (before, after) => engine.replacePeerKey(now(), before, after),
    setPrivateKey: (privateKey) => engine.setPrivateKey(privateKey),
    rotatePrivateKey: (privateKey, overlap) => engine.rotatePrivateKey(now(), privateKey, overlap),
    retireIdentity: (publicKey, delay) => engine.retireIdentity(now(), publicKey, delay),
    publicKey: () => engine.publicKey,
    configuration: () => {
      const { privateKey, peers } = engine.configuration();
      const plain = peers.map(({ path, ...peer }) => ({ ...peer, ...(path && { path: plainPath(path) }) }));
      return { privateKey, peers: plain };
    },
    peerStatus: (publicKey) => {
      const peer = engine.peerStatus(publicKey);
      return peer && plainStatus(peer);
    },
    status: () => {
      const status = engine.status();
      return { ...status, peers: status.peers.map(plainStatus) };
    },
    setSelf: (self) => filter.setSelf(self),
    setRules: (rules) => filter.setRules(rules),
    setFilterPeer: (peer) => filter.setPeer(peer),
    removeFilterPeer: (id) => filter.removePeer(id),
    send: (packet) => mover.sendPacket(now(), packet),
    transmit: (to, datagram) => output.copy(socketPathTo(to), datagram),
    splits: () => output.splits,
    captureEchoReplies: (identifier) => {
      mover.captured = identifier;
    },
  };
}

const plainStatus = (peer: PeerStatus<SocketPath>): PeerStatus<UdpPath> => ({
  ...peer,
  path: peer.path && plainPath(peer.path),
});
