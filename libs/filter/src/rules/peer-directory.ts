import type { FilterPeer } from '../filter-rule.js';
import { hostAddress } from './host-address.js';
import type { PeerClass } from './peer-class.js';
import type { PeerEntry, Sender } from './peer-entry.js';

/** The peers in force, and the classes that they fall into: a class without peers is forgotten. */
export class PeerDirectory {
  readonly #peers = new Map<string, PeerEntry>();
  readonly #classes = new Map<string, PeerClass>();
  #selfUser: string | undefined;

  get(id: string): PeerEntry | undefined {
    return this.#peers.get(id);
  }

  /** The peer in force that the sender is. */
  of(sender: Sender): PeerEntry | undefined {
    if (!sender.entry?.inForce) sender.entry = this.#peers.get(sender.id);
    return sender.entry;
  }

  classes(): Iterable<PeerClass> {
    return this.#classes.values();
  }

  ids(): string[] {
    return [...this.#peers.keys()];
  }

  /** Sorts the peers anew by whether they are of this user. */
  setSelfUser(user: string | undefined): void {
    if (user === this.#selfUser) return;
    this.#selfUser = user;
    for (const entry of this.#peers.values()) this.#moveTo(entry, this.#classFor(entry.definition));
  }

  /**
   * Adds a peer, or changes it in place.
   * @returns what it did
   * @throws NetfoldError `net.bad_address`
   */
  set(peer: FilterPeer): 'added' | 'changed' | 'kept' {
    const known = this.#peers.get(peer.id);
    if (known && samePeer(known.definition, peer)) return 'kept';
    const addresses = peer.addresses.map(hostAddress);
    const peers = this.#classFor(peer);
    if (known) {
      known.definition = peer;
      known.addresses = addresses;
      this.#moveTo(known, peers);
      return 'changed';
    }
    this.#peers.set(peer.id, { id: peer.id, inForce: true, definition: peer, addresses, class: peers });
    peers.members++;
    return 'added';
  }

  remove(id: string): boolean {
    const entry = this.#peers.get(id);
    if (!entry) return false;
    entry.inForce = false;
    this.#leave(entry.class);
    return this.#peers.delete(id);
  }

  #moveTo(entry: PeerEntry, peers: PeerClass): void {
    peers.members++;
    this.#leave(entry.class);
    entry.class = peers;
  }

  #leave(peers: PeerClass): void {
    if (--peers.members === 0) this.#classes.delete(peers.key);
  }

  #classFor({ labels, user }: FilterPeer): PeerClass {
    const sorted = [...new Set(labels)].sort();
    const sameUser = user !== undefined && user === this.#selfUser;
    const key = JSON.stringify([sameUser, sorted]);
    const known = this.#classes.get(key);
    if (known) return known;
    const made: PeerClass = { key, labels: sorted, sameUser, members: 0, identityRules: undefined, tables: new Map() };
    this.#classes.set(key, made);
    return made;
  }
}

const samePeer = (a: FilterPeer, b: FilterPeer): boolean =>
  a.user === b.user && sameList(a.labels, b.labels) && sameList(a.addresses, b.addresses);

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);
