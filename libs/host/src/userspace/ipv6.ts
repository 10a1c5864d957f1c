import type { Fragment, IpPacket } from './ip-packet.js';

// RFC 8200, sections 3 and 4.
const HEADER = 40;
const FRAGMENT_HEADER = 8;
const EXTENSION = { hopByHop: 0, routing: 43, fragment: 44, destinationOptions: 60 } as const;
const MOST_EXTENSIONS = 8;

export function decodeIpv6(bytes: Uint8Array): IpPacket | Fragment | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = HEADER + view.getUint16(4);
  if (end > bytes.length) return undefined;
  const addresses = { source: bytes.slice(8, 24), destination: bytes.slice(24, 40) };
  const hopLimit = view.getUint8(7);
  let protocol = view.getUint8(6);
  let at = HEADER;
  let fragment: Pick<Fragment, 'id' | 'offset' | 'more'> | undefined;
  for (let count = 0; isExtension(protocol); count++) {
    if (count === MOST_EXTENSIONS || at + FRAGMENT_HEADER > end) return undefined;
    const length = protocol === EXTENSION.fragment ? FRAGMENT_HEADER : (view.getUint8(at + 1) + 1) * 8;
    if (protocol === EXTENSION.routing && view.getUint8(at + 3) !== 0) return undefined; // to be sent on: RFC 5095
    if (protocol === EXTENSION.fragment) {
      const field = view.getUint16(at + 2);
      fragment = { id: view.getUint32(at + 4), offset: field & 0xfff8, more: (field & 1) !== 0 };
    }
    protocol = view.getUint8(at);
    at += length;
    if (at > end) return undefined;
    if (fragment && (fragment.offset > 0 || fragment.more)) break; // what follows belongs to the whole packet
    fragment = undefined; // atomic: RFC 6946
  }
  return { ...addresses, protocol, hopLimit, payload: bytes.subarray(at, end), ...fragment };
}

const isExtension = (protocol: number): boolean =>
  protocol === EXTENSION.hopByHop ||
  protocol === EXTENSION.routing ||
  protocol === EXTENSION.fragment ||
  protocol === EXTENSION.destinationOptions;

export function encodeIpv6(packet: IpPacket, mtu: number, id: number): Uint8Array[] {
  const { payload } = packet;
  if (HEADER + payload.length <= mtu) return [encodeOne(packet, packet.protocol, payload)];
  const step = (mtu - HEADER - FRAGMENT_HEADER) & ~7;
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += step) {
    const part = payload.subarray(offset, offset + step);
    const body = new Uint8Array(FRAGMENT_HEADER + part.length);
    const view = new DataView(body.buffer);
    view.setUint8(0, packet.protocol);
    view.setUint16(2, offset | (offset + step < payload.length ? 1 : 0));
    view.setUint32(4, id);
    body.set(part, FRAGMENT_HEADER);
    parts.push(encodeOne(packet, EXTENSION.fragment, body));
  }
  return parts;
}

function encodeOne(packet: IpPacket, nextHeader: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, payload.length);
  view.setUint8(6, nextHeader);
  view.setUint8(7, packet.hopLimit);
  bytes.set(packet.source, 8);
  bytes.set(packet.destination, 24);
  bytes.set(payload, HEADER);
  return bytes;
}
