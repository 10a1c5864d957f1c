import { formatPrefix, type Prefix, PrefixTrie } from '#net';
import { addressLayout } from './ip-packet.js';

/**
 * Cryptokey routing (2): which peer owns which addresses. The same table says where a packet goes by its destination
 * and whether a peer may send it by its source. A prefix has one owner; giving it to another takes it from the first.
 */
export class AllowedIps<Owner extends object> {
  private readonly trie = new PrefixTrie<Owner>();
  private readonly owned = new Map<Owner, Map<string, Prefix>>();
  private changes = 0;

  /** Another one after each change. */
  get revision(): number {
    return this.changes;
  }

  add(owner: Owner, prefix: Prefix): void {
    this.changes++;
    const name = formatPrefix(prefix);
    const before = this.trie.get(prefix);
    if (before) this.owned.get(before)?.delete(name);
    this.trie.set(prefix, owner);
    const mine = this.owned.get(owner) ?? new Map<string, Prefix>();
    this.owned.set(owner, mine.set(name, prefix));
  }

  /** Takes a prefix from this owner; nothing happens when it is not theirs. */
  remove(owner: Owner, prefix: Prefix): void {
    this.changes++;
    if (this.owned.get(owner)?.delete(formatPrefix(prefix))) this.trie.delete(prefix);
  }

  removeAll(owner: Owner): void {
    this.changes++;
    for (const prefix of this.of(owner)) this.trie.delete(prefix);
    this.owned.delete(owner);
  }

  of(owner: Owner): Prefix[] {
    return [...(this.owned.get(owner)?.values() ?? [])];
  }

  /** Who gets a packet, by the longest prefix of its destination. */
  ownerOfDestination(packet: Uint8Array, offset = 0, length = packet.length - offset): Owner | undefined {
    const layout = addressLayout(packet, offset, length);
    return layout && this.owner(packet, offset + layout.destination, layout.addressLength);
  }

  /** Who owns the address in `bytes[at, at + length)`, by the longest prefix that holds it. */
  owner(bytes: Uint8Array, at = 0, length = bytes.length): Owner | undefined {
    return this.trie.match(bytes, at, length);
  }
}
