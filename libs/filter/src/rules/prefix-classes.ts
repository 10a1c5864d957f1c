import { formatPrefix, type Prefix } from '#net';
import type { AddressWords } from '../packet/headers.js';

/** The addresses whose longest prefix, among those that rules name, is the same: rules cannot tell them apart. */
export interface AddressClass {
  /** Never used for another class. */
  readonly id: number;
  /** Undefined for the addresses that no rule names. */
  readonly prefix: Prefix | undefined;
}

interface Node {
  zero: Node | undefined;
  one: Node | undefined;
  class: AddressClass | undefined;
}

const emptyNode = (): Node => ({ zero: undefined, one: undefined, class: undefined });

/** A set of prefixes that sorts addresses into classes, in as many steps as an address has bits. */
export class PrefixClasses {
  readonly #roots = { 4: emptyNode(), 6: emptyNode() };
  readonly #uses = new Map<string, number>();
  readonly #none: AddressClass = { id: 0, prefix: undefined };
  #lastId = 0;

  /** A prefix that was added twice stays until it was removed twice. */
  add(prefix: Prefix): void {
    const text = formatPrefix(prefix);
    const uses = this.#uses.get(text) ?? 0;
    this.#uses.set(text, uses + 1);
    if (uses > 0) return;
    let node = this.#roots[familyOf(prefix)];
    for (let bit = 0; bit < prefix.bits; bit++) {
      const one = bitOf(prefix.address, bit);
      const next = (one ? node.one : node.zero) ?? emptyNode();
      if (one) node.one = next;
      else node.zero = next;
      node = next;
    }
    node.class = { id: ++this.#lastId, prefix };
  }

  remove(prefix: Prefix): void {
    const text = formatPrefix(prefix);
    const uses = this.#uses.get(text) ?? 0;
    if (uses > 1) this.#uses.set(text, uses - 1);
    if (uses !== 1) return;
    this.#uses.delete(text);
    clear(this.#roots[familyOf(prefix)], prefix, 0);
  }

  classOf(family: 4 | 6, words: AddressWords): AddressClass {
    let node: Node | undefined = this.#roots[family];
    let found = this.#none;
    for (let bit = 0; node; bit++) {
      found = node.class ?? found;
      node = ((words[bit >> 5] as number) << (bit & 31)) & 0x80000000 ? node.one : node.zero;
    }
    return found;
  }
}

const familyOf = ({ address }: Prefix): 4 | 6 => (address.length === 4 ? 4 : 6);

const bitOf = (address: Uint8Array, bit: number): boolean =>
  (((address[bit >> 3] as number) << (bit & 7)) & 0x80) !== 0;

/** Takes the class off a prefix's node, and away every node below `node` that leads nowhere now; answers whether it does. */
function clear(node: Node, prefix: Prefix, depth: number): boolean {
  if (depth === prefix.bits) node.class = undefined;
  else if (bitOf(prefix.address, depth)) {
    if (node.one && clear(node.one, prefix, depth + 1)) node.one = undefined;
  } else if (node.zero && clear(node.zero, prefix, depth + 1)) node.zero = undefined;
  return !node.class && !node.zero && !node.one;
}
