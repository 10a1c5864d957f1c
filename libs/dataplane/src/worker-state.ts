import type { FilterPeer } from '#filter';
import { toBase64 } from '#kernel';
import { AllowedIps, type EngineConfiguration, type PeerChanges, type PeerConfig } from '#wireguard';
import type { UdpPath } from './udp-path.js';
import type { Change } from './worker/protocol.js';
import { WorkerKeys } from './worker-keys.js';

/** Without its allowed IPs, which others may take from it. */
interface NotedPeer {
  config: Omit<PeerConfig<UdpPath>, 'allowedIps'>;
}

/** What a worker was told, in as many changes as it takes to tell it to another one. */
export class WorkerState {
  readonly #peers = new Map<string, NotedPeer>();
  /** As the engine has them: a prefix that is given to a peer is taken from the one before. */
  readonly #allowedIps = new AllowedIps<NotedPeer>();
  readonly #filterPeers = new Map<string, FilterPeer>();
  readonly #single = new Map<Change['call'], Change>();
  readonly #keys: WorkerKeys;

  /** @param monotonic milliseconds of a clock that never goes back */
  constructor(monotonic: () => number) {
    this.#keys = new WorkerKeys(monotonic);
  }

  /** Takes note of a change that was made. */
  note(change: Change): void {
    switch (change.call) {
      case 'addPeer':
        this.#add(change.words[0]);
        break;
      case 'updatePeer':
        this.#update(change.words[0], change.words[1]);
        break;
      case 'removePeer':
        this.#remove(change.words[0]);
        break;
      case 'replacePeerKey':
        this.#rekey(...change.words);
        break;
      case 'setPrivateKey':
      case 'rotatePrivateKey':
      case 'retireIdentity':
        this.#keys.note(change);
        break;
      case 'setFilterPeer':
        this.#filterPeers.set(change.words[0].id, change.words[0]);
        break;
      case 'removeFilterPeer':
        this.#filterPeers.delete(change.words[0]);
        break;
      default:
        this.#single.set(change.call, change);
    }
  }

  /** @param pathOf where a peer is now, by its public key */
  replay(pathOf: (publicKey: Uint8Array) => UdpPath | undefined): Change[] {
    const peers = this.#configs.map((config): Change => {
      const path = pathOf(config.publicKey) ?? config.path;
      return { call: 'addPeer', words: [{ ...config, ...(path && { path }) }] };
    });
    const filterPeers = [...this.#filterPeers.values()].map(
      (peer): Change => ({ call: 'setFilterPeer', words: [peer] }),
    );
    return [...this.#keys.replay(), ...this.#single.values(), ...filterPeers, ...peers];
  }

  get configuration(): EngineConfiguration<UdpPath> {
    return { privateKey: this.#keys.current, peers: this.#configs };
  }

  get #configs(): PeerConfig<UdpPath>[] {
    return Array.from(this.#peers.values(), (peer) => ({ ...peer.config, allowedIps: this.#allowedIps.of(peer) }));
  }

  #add({ allowedIps, ...config }: PeerConfig<UdpPath>): void {
    this.#remove(config.publicKey);
    this.#peers.set(toBase64(config.publicKey), { config });
    this.#update(config.publicKey, { allowedIps });
  }

  #update(publicKey: Uint8Array, { allowedIps, ...changes }: PeerChanges<UdpPath>): void {
    const peer = this.#peers.get(toBase64(publicKey));
    if (!peer) return;
    peer.config = { ...peer.config, ...changes };
    if (!allowedIps) return;
    this.#allowedIps.removeAll(peer);
    for (const prefix of allowedIps) this.#allowedIps.add(peer, prefix);
  }

  #remove(publicKey: Uint8Array): void {
    const peer = this.#peers.get(toBase64(publicKey));
    if (peer) this.#allowedIps.removeAll(peer);
    this.#peers.delete(toBase64(publicKey));
  }

  #rekey(from: Uint8Array, to: Uint8Array): void {
    const peer = this.#peers.get(toBase64(from));
    if (!peer) return;
    this.#peers.delete(toBase64(from));
    this.#remove(to);
    // Its name stays that of its first key where it was given none.
    peer.config = { label: toBase64(from), ...peer.config, publicKey: to };
    this.#peers.set(toBase64(to), peer);
  }
}
