import { concatBytes } from '#kernel';
import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '#net';

/** RFC 4193, 3.1: fd00::/8 and 40 bits that make the prefix one's own. */
export const ULA_RANDOM_BYTES = 5;

/** The /48 of a tailnet. */
export const ulaPrefix = (globalId: Uint8Array): string =>
  formatPrefix({ address: concatBytes(Uint8Array.of(0xfd), globalId, new Uint8Array(10)), bits: 48 });

/** The IPv6 address that goes with an IPv4 address, which is its low 32 bits: the one is unique because the other is. */
export function ulaAddress(ula: string, ipv4: string): string {
  const address = Uint8Array.from(parsePrefix(ula).address);
  address.set(parseAddress(ipv4), 12);
  return formatAddress(address);
}
