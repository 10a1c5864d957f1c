import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '#net';

/** The canonical text of a prefix, host bits cleared. @throws NetfoldError `net.bad_prefix` */
export const canonicalPrefix = (text: string): string => formatPrefix(parsePrefix(text));

/**
 * The canonical text of an interface's address with its length, host bits kept.
 * @throws NetfoldError `net.bad_address`, `net.bad_prefix`
 */
export function canonicalInterfaceAddress(text: string): string {
  const address = parseAddress(text.split('/')[0] ?? '');
  return `${formatAddress(address)}/${parsePrefix(text).bits}`;
}

export const familyOf = (prefix: string): 4 | 6 => (prefix.includes(':') ? 6 : 4);
