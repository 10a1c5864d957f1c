import { compareAddresses, formatPrefix, type Prefix, tryParseAddress } from '#net';
import { AddressSet } from './address-set.js';

/** The text by which the policy knows a prefix: always with its length. */
export const prefixText = (prefix: Prefix): string => formatPrefix(prefix);

/** The prefixes that the addresses from `first` to `last` consist of; undefined when these are not a range. */
export function rangePrefixes(first: string, last = ''): readonly string[] | undefined {
  const from = tryParseAddress(first.trim());
  const to = tryParseAddress(last.trim());
  if (!from || !to || from.length !== to.length || compareAddresses(from, to) > 0) return undefined;
  return AddressSet.ofRange(from, to).prefixes();
}
