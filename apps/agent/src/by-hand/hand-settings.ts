import type { UdpPath } from '#dataplane';
import { equalBytes, NetfoldError } from '#kernel';
import { formatPrefix, type Prefix } from '#net';
import type { TunnelPeer } from '#plan';
import type { PeerChanges, PeerConfig, PeerView, UapiDevice } from '#wireguard';
import type { Tunnel } from '../engine/tunnel.js';
import { Claims, type NetmapPeers } from './claims.js';
import { Strangers } from './strangers.js';
import { Tunings } from './tunings.js';

const NO_KEY = new Uint8Array(32);

/**
 * What somebody has set on the interface with `wg`, laid over what the netmap says: it survives every netmap, until the
 * agent stops. Peers that no netmap knows are added, changed and removed freely. Peers of the netmap are tuned: their
 * pre-shared key, keepalive, endpoint and further prefixes; they stay, with the prefixes that the netmap gives them,
 * and removing one takes back what was set of it. The node's key is the control plane's to replace.
 */
export class HandSettings implements UapiDevice<UdpPath> {
  readonly #strangers: Strangers;
  readonly #tunings: Tunings;
  #claims: Claims;

  /**
   * @param peers those of the netmap, as they are at the moment
   * @param changed told when other prefixes may lead to peers
   */
  constructor(
    readonly tunnel: Tunnel,
    readonly peers: () => NetmapPeers,
    readonly changed: () => void,
  ) {
    this.#strangers = new Strangers(tunnel);
    this.#tunings = new Tunings(tunnel);
    this.#claims = new Claims(peers());
  }

  get publicKey(): Uint8Array | undefined {
    return this.tunnel.engine.publicKey;
  }

  /** How many peers are there that no netmap knows. */
  get strangers(): number {
    return this.#strangers.size;
  }

  /** Whether this is a peer that no netmap knows. */
  has(publicKey: Uint8Array): boolean {
    return this.#strangers.has(publicKey);
  }

  /**
   * What the host's routing table must lead to the interface for these settings to have an effect. A default route is
   * never among them: for that, the person of this node chooses an exit node.
   */
  get routes(): string[] {
    const asked = [...this.#strangers.prefixes(), ...this.#tunings.prefixes()];
    return [
      ...new Set(
        this.#now()
          .free(asked.filter(({ bits }) => bits > 0))
          .map(formatPrefix),
      ),
    ];
  }

  configuration(): ReturnType<UapiDevice<UdpPath>['configuration']> {
    return this.tunnel.engine.configuration();
  }

  status(): ReturnType<UapiDevice<UdpPath>['status']> {
    return this.tunnel.engine.status();
  }

  peerStatus(publicKey: Uint8Array): ReturnType<UapiDevice<UdpPath>['peerStatus']> {
    return this.tunnel.engine.peerStatus(publicKey);
  }

  /**
   * The key that is in use may be set again; none, as in a file that names no key, leaves it alone.
   * @throws NetfoldError `wireguard.not_permitted` for another one
   */
  setPrivateKey(privateKey: Uint8Array): void {
    const { privateKey: current } = this.configuration();
    if (equalBytes(privateKey, NO_KEY) || (current && equalBytes(privateKey, current))) return;
    throw new NetfoldError({
      code: 'wireguard.not_permitted',
      message: 'the tailnet knows this node by its key, which is not replaced by hand',
      hint: 'netfold debug rotate-key replaces it, and tells everybody',
    });
  }

  /** @throws NetfoldError `wireguard.not_permitted` for a prefix that the netmap gives to a peer; as `Engine.addPeer` does */
  addPeer(_now: number, config: PeerConfig<UdpPath>): PeerView<UdpPath> {
    this.#take(config.allowedIps, config.publicKey, undefined);
    const view = this.#strangers.add(config, this.#now());
    this.changed();
    return view;
  }

  /** @throws NetfoldError `wireguard.not_permitted` for a prefix that the netmap gives to another peer */
  updatePeer(_now: number, publicKey: Uint8Array, changes: PeerChanges<UdpPath>): void {
    const peer = this.#netmapPeer(publicKey);
    this.#take(changes.allowedIps ?? [], publicKey, peer?.id);
    if (peer) this.#tunings.update(peer, changes, this.#now());
    else this.#strangers.update(publicKey, changes, this.#now());
    this.changed();
  }

  removePeer(publicKey: Uint8Array): void {
    const peer = this.#netmapPeer(publicKey);
    if (peer) this.#tunings.reset(peer);
    else this.#strangers.remove(publicKey);
    this.changed();
  }

  /** The netmap is about to have a peer with this key: it is that one from now on. */
  giveWay(publicKey: Uint8Array): void {
    this.#strangers.remove(publicKey);
  }

  /** Must follow each change of the netmap's peers. */
  reapply(): void {
    const claims = this.#now();
    this.#strangers.reapply(claims);
    this.#tunings.reapply(claims);
  }

  #now(): Claims {
    const peers = this.peers();
    if (this.#claims.peers !== peers) this.#claims = new Claims(peers);
    return this.#claims;
  }

  #netmapPeer(publicKey: Uint8Array): TunnelPeer | undefined {
    const label = this.peerStatus(publicKey)?.label;
    return label === undefined ? undefined : this.peers().get(label);
  }

  /** A prefix is one peer's: whoever had it by hand before has it no more. */
  #take(prefixes: readonly Prefix[], publicKey: Uint8Array, id: string | undefined): void {
    const claims = this.#now();
    const others = prefixes.find((prefix) => ![undefined, id].includes(claims.ownerOf(prefix)));
    if (others) throw claimed(formatPrefix(others), claims.ownerOf(others));
    const texts = new Set(prefixes.map(formatPrefix));
    this.#strangers.cede(texts, publicKey);
    this.#tunings.cede(texts, id);
  }
}

const claimed = (prefix: string, id: string | undefined): NetfoldError =>
  new NetfoldError({
    code: 'wireguard.not_permitted',
    message: `${prefix} is the node ${id}'s, says the control plane`,
    hint: 'only the control plane moves it to another',
  });
