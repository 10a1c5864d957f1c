import type { Address } from './address.js';
import { maskPrefix, type Prefix, prefixContains } from './prefix.js';

interface Node<V> {
  readonly prefix: Prefix;
  /** undefined on a node that only branches. */
  value: V | undefined;
  zero: Node<V> | undefined;
  one: Node<V> | undefined;
}

/**
 * A map from prefixes to values that finds the longest prefix of an address: a binary trie per address family with
 * its one-way paths compressed, so a lookup visits at most one node per stored prefix length on its way.
 * Lookups read the address where it lies in a packet and allocate nothing.
 */
export class PrefixTrie<V extends NonNullable<unknown>> {
  private root4: Node<V> | undefined;
  private root6: Node<V> | undefined;

  /** Puts a value at exactly this prefix, in place of the one before. */
  set(prefix: Prefix, value: V): void {
    this.replaceRoot(prefix, insert(this.root(prefix.address.length), prefix, value));
  }

  /** Takes away what is at exactly this prefix. */
  delete(prefix: Prefix): void {
    this.replaceRoot(prefix, remove(this.root(prefix.address.length), prefix));
  }

  /** The value at exactly this prefix. */
  get(prefix: Prefix): V | undefined {
    let node = this.root(prefix.address.length);
    while (node && node.prefix.bits < prefix.bits && prefixContains(node.prefix, prefix)) {
      node = childTowards(node, prefix.address, 0);
    }
    return node && node.prefix.bits === prefix.bits && prefixContains(node.prefix, prefix) ? node.value : undefined;
  }

  /**
   * The value of the longest prefix that holds an address.
   *
   * @param bytes the address, or a packet with the address in it
   * @param offset where the address begins
   * @param length its length in bytes: 4 or 16
   */
  match(bytes: Uint8Array, offset = 0, length = bytes.length): V | undefined {
    let node = this.root(length);
    let best: V | undefined;
    let known = 0;
    while (node && holds(node.prefix, bytes, offset, known)) {
      if (node.value !== undefined) best = node.value;
      if (node.prefix.bits === length * 8) break;
      known = node.prefix.bits >> 3;
      node = childTowards(node, bytes, offset);
    }
    return best;
  }

  /** Every prefix with its value, IPv4 first, each prefix before those that it holds. */
  *entries(): IterableIterator<[Prefix, V]> {
    yield* walk(this.root4);
    yield* walk(this.root6);
  }

  private root(length: number): Node<V> | undefined {
    return length === 4 ? this.root4 : this.root6;
  }

  private replaceRoot(prefix: Prefix, node: Node<V> | undefined): void {
    if (prefix.address.length === 4) this.root4 = node;
    else this.root6 = node;
  }
}

function insert<V>(node: Node<V> | undefined, prefix: Prefix, value: V): Node<V> {
  if (!node) return { prefix, value, zero: undefined, one: undefined };
  const common = commonBits(node.prefix, prefix);
  if (common < node.prefix.bits) return insert(branchAbove(node, prefix.address, common), prefix, value);
  if (common === prefix.bits) node.value = value;
  else if (bitAt(prefix.address, 0, common)) node.one = insert(node.one, prefix, value);
  else node.zero = insert(node.zero, prefix, value);
  return node;
}

function branchAbove<V>(node: Node<V>, address: Address, bits: number): Node<V> {
  const prefix = maskPrefix(address, bits);
  const right = bitAt(node.prefix.address, 0, bits);
  return { prefix, value: undefined, zero: right ? undefined : node, one: right ? node : undefined };
}

function remove<V>(node: Node<V> | undefined, prefix: Prefix): Node<V> | undefined {
  if (!node || !prefixContains(node.prefix, prefix)) return node;
  if (node.prefix.bits === prefix.bits) node.value = undefined;
  else if (bitAt(prefix.address, 0, node.prefix.bits)) node.one = remove(node.one, prefix);
  else node.zero = remove(node.zero, prefix);
  const needed = node.value !== undefined || (node.zero && node.one);
  return needed ? node : (node.zero ?? node.one);
}

function* walk<V>(node: Node<V> | undefined): IterableIterator<[Prefix, V]> {
  if (!node) return;
  if (node.value !== undefined) yield [node.prefix, node.value];
  yield* walk(node.zero);
  yield* walk(node.one);
}

/** Whether the prefix holds the address at `offset`, of which the first `known` bytes are known to fit. */
function holds(prefix: Prefix, bytes: Uint8Array, offset: number, known: number): boolean {
  const whole = prefix.bits >> 3;
  for (let i = known; i < whole; i++) if (prefix.address[i] !== bytes[offset + i]) return false;
  const rest = prefix.bits & 7;
  if (rest === 0) return true;
  return (((prefix.address[whole] as number) ^ (bytes[offset + whole] as number)) & (0xff00 >> rest) & 0xff) === 0;
}

function commonBits(a: Prefix, b: Prefix): number {
  const limit = Math.min(a.bits, b.bits);
  let bits = 0;
  while (bits < limit) {
    const difference = (a.address[bits >> 3] as number) ^ (b.address[bits >> 3] as number);
    if (difference !== 0) return Math.min(limit, bits + Math.clz32(difference) - 24);
    bits += 8;
  }
  return limit;
}

const bitAt = (bytes: Uint8Array, offset: number, bit: number): boolean =>
  ((bytes[offset + (bit >> 3)] as number) & (0x80 >> (bit & 7))) !== 0;

const childTowards = <V>(node: Node<V>, bytes: Uint8Array, offset: number): Node<V> | undefined =>
  bitAt(bytes, offset, node.prefix.bits) ? node.one : node.zero;
