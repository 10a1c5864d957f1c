import { toBase64 } from '#kernel';
import type { EngineStatus } from '#wireguard';
import type { EngineControl, FilterControl } from './data-path.js';
import type { PeerMirrors } from './peer-mirrors.js';
import type { UdpPath } from './udp-path.js';
import type { WorkerCalls, WorkerChanges } from './worker-changes.js';

/** @param status of the engine: `last` is what it was when a worker was asked for it last */
export function engineControlOf(
  worker: WorkerCalls,
  changes: WorkerChanges,
  mirrors: PeerMirrors,
  status: { now(): EngineStatus<UdpPath>; last(): EngineStatus<UdpPath> | undefined },
): EngineControl {
  return {
    addPeer: (_now, config) => {
      const label = config.label ?? toBase64(config.publicKey);
      const mirror = mirrors.make(config.publicKey, label, config.path);
      changes.make({ call: 'addPeer', words: [config] }, () => mirrors.put(mirror));
      return mirror;
    },
    updatePeer: (_now, publicKey, wanted) =>
      changes.make({ call: 'updatePeer', words: [publicKey, wanted] }, () => {
        if (wanted.path) mirrors.setPath(publicKey, wanted.path);
      }),
    removePeer: (publicKey) =>
      changes.make({ call: 'removePeer', words: [publicKey] }, () => mirrors.remove(publicKey)),
    replacePeerKey: (_now, before, after) =>
      changes.make({ call: 'replacePeerKey', words: [before, after] }, () => mirrors.setKey(before, after)),
    setPrivateKey: (privateKey) => changes.make({ call: 'setPrivateKey', words: [privateKey] }),
    rotatePrivateKey: (_now, privateKey, overlap) =>
      changes.make({ call: 'rotatePrivateKey', words: [privateKey, overlap] }),
    retireIdentity: (_now, publicKey, delay) => changes.make({ call: 'retireIdentity', words: [publicKey, delay] }),
    renewSession: (_now, publicKey) => worker.askIfUp('renewSession', publicKey), // another thread begins without sessions
    get publicKey() {
      return worker.askIfUp('publicKey') ?? status.last()?.publicKey;
    },
    configuration: () => worker.askIfUp('configuration') ?? changes.state.configuration,
    peerStatus: (key) => worker.askIfUp('peerStatus', key),
    status: () => status.now(),
  };
}

export const filterControlOf = (worker: WorkerCalls, changes: WorkerChanges): FilterControl => ({
  setSelf: (self) => changes.make({ call: 'setSelf', words: [self] }),
  setRules: (rules) => changes.make({ call: 'setRules', words: [rules] }),
  setPeer: (peer) => changes.make({ call: 'setFilterPeer', words: [peer] }),
  removePeer: (id) => changes.make({ call: 'removeFilterPeer', words: [id] }),
  // The flows of a thread that ended are gone with it.
  takeFlows: (most) => worker.askIfUp('takeFlows', most) ?? { flows: [], omitted: 0 },
});
