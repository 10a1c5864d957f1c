import { formatPrefix, maskPrefix, parseAddress } from '#net';

/** RFC 6598, section 7: all addresses of tailnets are in it. */
export const TAILNET_IPV4 = '100.64.0.0/10';

/** The tailnet has one prefix of this length (RFC 4193, 3.1). */
const ULA_BITS = 48;

/** The tailnet's prefix of which this is an address. */
export const ulaOf = (ipv6: string): string => formatPrefix(maskPrefix(parseAddress(ipv6), ULA_BITS));

/** The domains that the addresses of a tailnet are looked up in: domains end at dots, so a /10 is many (RFC 1035, 3.5; RFC 3596, 2.5). */
export function reverseDomains(ulas: readonly string[]): readonly string[] {
  const v4 = Array.from({ length: 64 }, (_, i) => `${64 + i}.100.in-addr.arpa`);
  const v6 = ulas.map((prefix) => {
    const bytes = parseAddress(prefix.split('/')[0] ?? '').subarray(0, ULA_BITS / 8);
    const nibbles = [...bytes].flatMap((byte) => [byte >> 4, byte & 15]).map((nibble) => nibble.toString(16));
    return `${nibbles.reverse().join('.')}.ip6.arpa`;
  });
  return [...v4, ...v6];
}
