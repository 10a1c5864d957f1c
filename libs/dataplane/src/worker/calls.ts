import { type Problem, problemOf } from '#kernel';
import type { PeerStatus } from '#wireguard';
import { type SocketPath, socketPathTo } from '../io/socket-address.js';
import type { UdpPath } from '../udp-path.js';
import type { Calls, Request } from './protocol.js';
import { plainPath, type WorkerEngine } from './worker-engine.js';

/** What the other thread may ask for. */
export function callsOn({ engine, filter, mover, output, relays }: WorkerEngine, now: () => number): Calls {
  const calls: Calls = {
    addPeer: ({ path, ...config }) => {
      engine.addPeer(now(), { ...config, ...(path && { path: relays.at(path) }) });
    },
    updatePeer: (publicKey, { path, ...changes }) =>
      engine.updatePeer(now(), publicKey, { ...changes, ...(path && { path: relays.at(path) }) }),
    removePeer: (publicKey) => engine.removePeer(publicKey),
    replacePeerKey: (before, after) => engine.replacePeerKey(now(), before, after),
    setPrivateKey: (privateKey) => engine.setPrivateKey(privateKey),
    rotatePrivateKey: (privateKey, overlap) => engine.rotatePrivateKey(now(), privateKey, overlap),
    retireIdentity: (publicKey, delay) => engine.retireIdentity(now(), publicKey, delay),
    renewSession: (publicKey) => engine.renewSession(now(), publicKey),
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
    takeFlows: (most) => filter.takeFlows(most),
    send: (packet) => mover.sendPacket(now(), packet),
    transmit: (to, datagram) => output.copy(socketPathTo(to), datagram),
    splits: () => output.splits,
    captureEchoReplies: (identifier) => {
      mover.captured = identifier;
    },
    together: (batch) => {
      const failures = new Map<number, Problem>();
      for (const { task, change } of batch) {
        if (failures.has(task)) continue;
        try {
          perform(calls, change);
        } catch (error) {
          failures.set(task, problemOf(error));
        }
      }
      return [...failures];
    },
    receiveFrom: (path, datagram) => mover.receiveOne(now(), relays.at(path), datagram),
  };
  return calls;
}

export function perform(calls: Calls, { call, words }: Request): unknown {
  return (calls[call] as (...words: Parameters<Calls[keyof Calls]>) => unknown)(...(words as never));
}

const plainStatus = (peer: PeerStatus<SocketPath>): PeerStatus<UdpPath> => ({
  ...peer,
  path: peer.path && plainPath(peer.path),
});
