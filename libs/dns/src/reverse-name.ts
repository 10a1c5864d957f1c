import { formatAddress, tryParseAddress } from '#net';

/** The name that an address is looked up by: `7.0.64.100.in-addr.arpa` (RFC 1035, 3.5), `….ip6.arpa` (RFC 3596, 2.5). */
export function reverseName(address: string): string | undefined {
  const bytes = tryParseAddress(address);
  if (!bytes) return undefined;
  if (bytes.length === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`;
  const nibbles = [...bytes].flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)]);
  return `${nibbles.reverse().join('.')}.ip6.arpa`;
}

/** The address that such a name stands for, in canonical text; undefined when it is not the name of a whole address. */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(name)?.[1];
  if (v4) {
    const bytes = v4.slice(0, -1).split('.').reverse().map(Number);
    return bytes.every((byte) => byte < 256) ? formatAddress(Uint8Array.from(bytes)) : undefined;
  }
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (!v6) return undefined;
  const nibbles = v6.slice(0, -1).split('.').reverse().join('');
  return formatAddress(Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(nibbles.slice(2 * i, 2 * i + 2), 16)));
}
