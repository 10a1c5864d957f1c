// The few fields of an IP header that cryptokey routing looks at (RFC 791, 3.1; RFC 8200, 3).
const IPV4 = { header: 20, totalLength: 2, source: 12, destination: 16, addressLength: 4 } as const;
const IPV6 = { header: 40, payloadLength: 4, source: 8, destination: 24, addressLength: 16 } as const;

/** Where the addresses of a packet lie. */
export type AddressLayout = typeof IPV4 | typeof IPV6;

/** The layout of the addresses of the packet in `packet[offset, offset + length)`, or undefined when its header is neither a whole IPv4 nor a whole IPv6 one. */
export function addressLayout(
  packet: Uint8Array,
  offset = 0,
  length = packet.length - offset,
): AddressLayout | undefined {
  const version = (packet[offset] ?? 0) >> 4;
  if (version === 4 && length >= IPV4.header) return IPV4;
  if (version === 6 && length >= IPV6.header) return IPV6;
  return undefined;
}

/** The packet's own length, without padding behind it; undefined when it says more than there is or less than a header. */
export function packetLength(
  packet: Uint8Array,
  layout: AddressLayout,
  offset = 0,
  available = packet.length - offset,
): number | undefined {
  const length =
    layout === IPV4
      ? readUint16(packet, offset + IPV4.totalLength)
      : IPV6.header + readUint16(packet, offset + IPV6.payloadLength);
  return length >= layout.header && length <= available ? length : undefined;
}

const readUint16 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
