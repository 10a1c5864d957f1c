import { formatPrefix, type Prefix, PrefixTrie } from '#net';
import { addressLayout } from './ip-packet.js';

/**
 * Cryptokey routing (2): which peer owns which addresses. The same table says where a packet goes by its destination
 * and whether a peer may send it by its source. A prefix has one owner; giving it to another takes it from the first.
 */
export class AllowedIps<Owner extends object> {
  private readonly trie = new PrefixTrie<Owner>();
  private readonly owned = new Map<Owner, Map<string, Prefix>>();

  add(owner: Owner, prefix: Prefix): void {
    const name = formatPrefix(prefix);
    const before = this.trie.get(prefix);
    if (before) this.owned.get(before)?.delete(name);
    this.trie.set(prefix, owner);
    const mine = this.owned.get(owner) ?? new Map<string, Prefix>();
    this.owned.set(owner, mine.set(name, prefix));
  }

  /** Takes a prefix from this owner; nothing happens when it is not theirs. */
  remove(owner: Owner, prefix: Prefix): void {
    if (this.owned.get(owner)?.delete(formatPrefix(prefix))) this.trie.delete(prefix);
  }

  removeAll(owner: Owner): void {
    for (const prefix of this.of(owner)) this.trie.delete(prefix);
    this.owned.delete(owner);
  }

  of(owner: Owner): Prefix[] {
    return [...(this.owned.get(owner)?.values() ?? [])];
  }

  /** Who gets a packet, by the longest prefix of its destination. */
  ownerOfDestination(packet: Uint8Array, offset = 0, length = packet.length - offset): Owner | undefined {
    const layout = addressLayout(packet, offset, length);
    return layout && this.trie.match(packet, offset + layout.destination, layout.addressLength);
  }

  /** Who may have sent a packet, by the longest prefix of its source. */
  ownerOfSource(packet: Uint8Array, offset = 0, length = packet.length - offset): Owner | undefined {
    const layout = addressLayout(packet, offset, length);
    return layout && this.trie.match(packet, offset + layout.source, layout.addressLength);
  }
}
