import type { Address } from '#net';

/** ICMP echo: RFC 792 (IPv4) and RFC 4443, section 4 (IPv6). */
export interface Echo {
  readonly source: Address;
  /** Of the same family. */
  readonly destination: Address;
  /** 16 bits that tell one asker's echoes from another's. */
  readonly identifier: number;
  /** 16 bits. */
  readonly sequence: number;
}

const ICMP = 1;
const ICMPV6 = 58;
const REQUEST = { 4: 8, 16: 128 } as const;
const REPLY = { 4: 0, 16: 129 } as const;
const HOPS = 64;
/** As much as ping(8) sends. */
const PAYLOAD = 56;

/** A whole IP packet that asks for an echo. */
export function echoRequest({ source, destination, identifier, sequence }: Echo): Uint8Array {
  const family = source.length === 4 ? 4 : 16;
  const message = new Uint8Array(8 + PAYLOAD);
  const view = new DataView(message.buffer);
  view.setUint8(0, REQUEST[family]);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  for (let i = 0; i < PAYLOAD; i++) message[8 + i] = i;
  view.setUint16(2, checksum(family === 4 ? [message] : [pseudoHeader(source, destination, message.length), message]));
  return family === 4 ? ipv4(source, destination, message) : ipv6(source, destination, message);
}

/** The echo reply in a packet, or undefined when it holds something else. */
export function parseEchoReply(packet: Uint8Array): Echo | undefined {
  const v4 = (packet[0] ?? 0) >> 4 === 4;
  const start = v4 ? ((packet[0] ?? 0) & 15) * 4 : 40;
  if (packet.length < start + 8) return undefined;
  const family = v4 ? 4 : 16;
  if (packet[v4 ? 9 : 6] !== (v4 ? ICMP : ICMPV6) || packet[start] !== REPLY[family]) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset + start);
  const addresses = v4 ? 12 : 8;
  return {
    source: packet.slice(addresses, addresses + family),
    destination: packet.slice(addresses + family, addresses + 2 * family),
    identifier: view.getUint16(4),
    sequence: view.getUint16(6),
  };
}

function ipv4(source: Address, destination: Address, message: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + message.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint8(8, HOPS);
  view.setUint8(9, ICMP);
  packet.set(source, 12);
  packet.set(destination, 16);
  view.setUint16(10, checksum([packet.subarray(0, 20)]));
  packet.set(message, 20);
  return packet;
}

function ipv6(source: Address, destination: Address, message: Uint8Array): Uint8Array {
  const packet = new Uint8Array(40 + message.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, message.length);
  view.setUint8(6, ICMPV6);
  view.setUint8(7, HOPS);
  packet.set(source, 8);
  packet.set(destination, 24);
  packet.set(message, 40);
  return packet;
}

/** What the checksum of ICMPv6 covers besides the message (RFC 8200, section 8.1). */
function pseudoHeader(source: Address, destination: Address, length: number): Uint8Array {
  const header = new Uint8Array(40);
  header.set(source, 0);
  header.set(destination, 16);
  header[34] = length >> 8;
  header[35] = length;
  header[39] = ICMPV6;
  return header;
}

/** The internet checksum of parts of even length (RFC 1071). */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) for (let i = 0; i < part.length; i += 2) sum += ((part[i] ?? 0) << 8) | (part[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
