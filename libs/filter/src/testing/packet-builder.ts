import { parseAddress } from '#net';

export interface PacketParts {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  /** What comes after the IP header and the extension headers. */
  readonly payload: Uint8Array;
  /** IPv4 only: a multiple of 4 bytes. */
  readonly options?: Uint8Array;
  /** IPv6 only: headers that come before the payload, each with its own type; the chain is linked here. */
  readonly extensions?: readonly { readonly type: number; readonly bytes: Uint8Array }[];
  /** IPv4 only; in IPv6 it is an extension. The offset is in bytes. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
}

/** An IP packet for tests. Checksums stay zero: nothing here reads them. */
export const ipPacket = (parts: PacketParts): Uint8Array => (parts.from.includes(':') ? ipv6(parts) : ipv4(parts));

export function transport(sourcePort: number, destinationPort: number, flags = 0x02): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  bytes[12] = 0x50;
  bytes[13] = flags;
  return bytes;
}

export function tcp(from: string, to: string, ports: readonly [number, number], flags = 0x02): Uint8Array {
  return ipPacket({ from, to, protocol: 6, payload: transport(...ports, flags) });
}

export function udp(
  from: string,
  to: string,
  ports: readonly [number, number],
  data: Uint8Array = new Uint8Array(4),
): Uint8Array {
  const payload = new Uint8Array(8 + data.length);
  const view = new DataView(payload.buffer);
  view.setUint16(0, ports[0]);
  view.setUint16(2, ports[1]);
  view.setUint16(4, payload.length);
  payload.set(data, 8);
  return ipPacket({ from, to, protocol: 17, payload });
}

/** ICMP of the addresses' family. `rest` is bytes 4 to 8; `quote` what follows. */
export function icmp(
  from: string,
  to: string,
  type: number,
  rest = 0,
  quote: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const payload = new Uint8Array(8 + quote.length);
  payload[0] = type;
  new DataView(payload.buffer).setUint32(4, rest);
  payload.set(quote, 8);
  return ipPacket({ from, to, protocol: from.includes(':') ? 58 : 1, payload });
}

/** An echo request or reply. */
export function echo(from: string, to: string, kind: 'request' | 'reply', id: number): Uint8Array {
  const six = from.includes(':');
  return icmp(from, to, kind === 'request' ? (six ? 128 : 8) : six ? 129 : 0, id << 16);
}

function ipv4({ from, to, protocol, payload, options = new Uint8Array(0), fragment }: PacketParts): Uint8Array {
  const header = 20 + options.length;
  const bytes = new Uint8Array(header + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x40 | (header / 4);
  view.setUint16(2, bytes.length);
  if (fragment) {
    view.setUint16(4, fragment.id);
    view.setUint16(6, (fragment.offset / 8) | (fragment.more ? 0x2000 : 0));
  }
  bytes[8] = 64;
  bytes[9] = protocol;
  bytes.set(parseAddress(from), 12);
  bytes.set(parseAddress(to), 16);
  bytes.set(options, 20);
  bytes.set(payload, header);
  return bytes;
}

function ipv6({ from, to, protocol, payload, extensions = [] }: PacketParts): Uint8Array {
  const length = payload.length + extensions.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packet = new Uint8Array(40 + length);
  packet[0] = 0x60;
  new DataView(packet.buffer).setUint16(4, length);
  packet[6] = extensions[0]?.type ?? protocol;
  packet[7] = 64;
  packet.set(parseAddress(from), 8);
  packet.set(parseAddress(to), 24);
  let at = 40;
  for (const [i, { bytes }] of extensions.entries()) {
    packet.set(bytes, at);
    packet[at] = extensions[i + 1]?.type ?? protocol;
    at += bytes.length;
  }
  packet.set(payload, at);
  return packet;
}
