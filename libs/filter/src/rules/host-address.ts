import { hostPrefix, type Prefix, parseAddress } from '#net';
import { type AddressWords, readAddress, sameWords } from '../packet/headers.js';

/** One address in the form that decoded packets have. */
export interface HostAddress {
  readonly family: 4 | 6;
  readonly words: AddressWords;
  /** The prefix that holds just this address. */
  readonly prefix: Prefix;
}

/** @throws NetfoldError `net.bad_address` */
export function hostAddress(text: string): HostAddress {
  const address = parseAddress(text);
  const family = address.length === 4 ? 4 : 6;
  const words = new Int32Array(4);
  readAddress(words, family, address, 0);
  return { family, words, prefix: hostPrefix(address) };
}

/** Whether it is one of a few. */
export function isOneOf(addresses: readonly HostAddress[], family: 4 | 6, words: AddressWords): boolean {
  for (const own of addresses) if (own.family === family && sameWords(own.words, words)) return true;
  return false;
}
