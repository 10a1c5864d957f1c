// Fields of the headers that segments are made and joined by (RFC 791, RFC 8200, RFC 9293, RFC 768).

export const IPV4 = {
  size: 20,
  totalLength: 2,
  id: 4,
  fragment: 6,
  ttl: 8,
  protocol: 9,
  checksum: 10,
  addresses: 12,
} as const;
export const IPV6 = { size: 40, payloadLength: 4, nextHeader: 6, hopLimit: 7, addresses: 8 } as const;
export const TCP = {
  protocol: 6,
  sequence: 4,
  acknowledgment: 8,
  offset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  size: 20,
} as const;
export const UDP = { protocol: 17, length: 4, checksum: 6, size: 8 } as const;
export const FLAG = { fin: 1, psh: 8, ack: 16, cwr: 128 } as const;

/** Of a 16-bit number, as the first word of a little-endian sum. */
const swapped = (value: number): number => ((value & 0xff) << 8) | (value >>> 8);

/** The part of the pseudo header besides the addresses, in a little-endian sum. */
export const pseudoTail = (protocol: number, length: number): number => (protocol << 8) + swapped(length);
