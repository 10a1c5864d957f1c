import { checksum } from '#net';
import type { Fragment, IpPacket } from './ip-packet.js';

// RFC 791, section 3.1.
const HEADER = 20;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

export function decodeIpv4(bytes: Uint8Array): IpPacket | Fragment | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = (view.getUint8(0) & 15) * 4;
  const total = view.getUint16(2);
  if (header < HEADER || total < header || total > bytes.length) return undefined;
  if (checksum(bytes.subarray(0, header)) !== 0) return undefined;
  const packet: IpPacket = {
    source: bytes.slice(12, 16),
    destination: bytes.slice(16, 20),
    protocol: view.getUint8(9),
    hopLimit: view.getUint8(8),
    payload: bytes.subarray(header, total),
  };
  const flags = view.getUint16(6);
  const offset = (flags & FRAGMENT_OFFSET) * 8;
  const more = (flags & MORE_FRAGMENTS) !== 0;
  return offset > 0 || more ? { ...packet, id: view.getUint16(4), offset, more } : packet;
}

export function encodeIpv4(packet: IpPacket, mtu: number, id: number): Uint8Array[] {
  const { payload } = packet;
  // A packet that is not to be fragmented needs no identification (RFC 6864).
  if (HEADER + payload.length <= mtu) return [encodeOne(packet, payload, 0, DONT_FRAGMENT)];
  const step = (mtu - HEADER) & ~7;
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += step) {
    const more = offset + step < payload.length ? MORE_FRAGMENTS : 0;
    parts.push(encodeOne(packet, payload.subarray(offset, offset + step), id & 0xffff, more | (offset / 8)));
  }
  return parts;
}

function encodeOne(packet: IpPacket, payload: Uint8Array, id: number, fragment: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x40 | (HEADER / 4));
  view.setUint16(2, bytes.length);
  view.setUint16(4, id);
  view.setUint16(6, fragment);
  view.setUint8(8, packet.hopLimit);
  view.setUint8(9, packet.protocol);
  bytes.set(packet.source, 12);
  bytes.set(packet.destination, 16);
  view.setUint16(10, checksum(bytes.subarray(0, HEADER)));
  bytes.set(payload, HEADER);
  return bytes;
}
