import { formatPrefix, type Prefix, PrefixTrie } from '#net';
import type { AddressWords } from '../packet/headers.js';

/** The addresses whose longest prefix, among those that rules name, is the same: rules cannot tell them apart. */
export interface AddressClass {
  /** Never used for another class. */
  readonly id: number;
  /** Undefined for the addresses that no rule names. */
  readonly prefix: Prefix | undefined;
}

const UNNAMED: AddressClass = { id: 0, prefix: undefined };

/** A set of prefixes that sorts addresses into classes. */
export class PrefixClasses {
  readonly #classes = new PrefixTrie<AddressClass>();
  readonly #uses = new Map<string, number>();
  readonly #address = new Uint8Array(16);
  readonly #view = new DataView(this.#address.buffer);
  #lastId = 0;

  /** A prefix that was added twice stays until it was removed twice. */
  add(prefix: Prefix): void {
    const text = formatPrefix(prefix);
    const uses = this.#uses.get(text) ?? 0;
    this.#uses.set(text, uses + 1);
    if (uses === 0) this.#classes.set(prefix, { id: ++this.#lastId, prefix });
  }

  remove(prefix: Prefix): void {
    const text = formatPrefix(prefix);
    const uses = this.#uses.get(text) ?? 0;
    if (uses > 1) this.#uses.set(text, uses - 1);
    if (uses !== 1) return;
    this.#uses.delete(text);
    this.#classes.delete(prefix);
  }

  classOf(family: 4 | 6, words: AddressWords): AddressClass {
    const length = family === 4 ? 4 : 16;
    for (let at = 0; at < length; at += 4) this.#view.setInt32(at, words[at >> 2] as number);
    return this.#classes.match(this.#address, 0, length) ?? UNNAMED;
  }
}
