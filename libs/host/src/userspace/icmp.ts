import { checksum, pseudoHeaderSum } from '#net';
import { encodeIp } from './ip-codec.js';
import { DEFAULT_HOP_LIMIT, type IpPacket, PROTOCOL } from './ip-packet.js';

/** An ICMP echo request or reply, of either family. */
export interface Echo {
  readonly kind: 'request' | 'reply';
  readonly id: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

export type ErrorReason = 'time-exceeded' | 'no-route' | 'port-unreachable';

// RFC 792 and RFC 4443.
const V4 = {
  request: 8,
  reply: 0,
  errors: { 'time-exceeded': [11, 0], 'no-route': [3, 0], 'port-unreachable': [3, 3] },
} as const;
const V6 = {
  request: 128,
  reply: 129,
  errors: { 'time-exceeded': [3, 0], 'no-route': [1, 0], 'port-unreachable': [1, 4] },
} as const;
const HEADER = 8;
/** RFC 1812, 4.3.2.3: as much of the packet as fits in 576 bytes; for IPv6 in the least MTU. */
const LARGEST_ERROR = { 4: 576 - 20, 6: 1280 - 40 } as const;

const numbersFor = ({ source }: IpPacket): typeof V4 | typeof V6 => (source.length === 4 ? V4 : V6);

/** The echo that a packet holds, if it is one and arrived whole. */
export function decodeEcho(packet: IpPacket): Echo | undefined {
  const { payload } = packet;
  if (!isIcmp(packet) || payload.length < HEADER || checksumOf(packet, payload) !== 0) return undefined;
  const numbers = numbersFor(packet);
  const type = payload[0];
  if (payload[1] !== 0 || (type !== numbers.request && type !== numbers.reply)) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const kind = type === numbers.request ? 'request' : 'reply';
  return { kind, id: view.getUint16(4), sequence: view.getUint16(6), data: payload.subarray(HEADER) };
}

/** An echo between two addresses of the same family. */
export function encodeEcho({ source, destination }: Pick<IpPacket, 'source' | 'destination'>, echo: Echo): IpPacket {
  const packet = icmpPacket({ source, destination }, HEADER + echo.data.length);
  const view = new DataView(packet.payload.buffer);
  view.setUint8(0, numbersFor(packet)[echo.kind]);
  view.setUint16(4, echo.id);
  view.setUint16(6, echo.sequence);
  packet.payload.set(echo.data, HEADER);
  view.setUint16(2, checksumOf(packet, packet.payload));
  return packet;
}

/** The error that tells the sender of a packet what became of it, or undefined where none may be sent (RFC 1122, 3.2.2). */
export function encodeError(about: IpPacket, from: IpPacket['source'], reason: ErrorReason): IpPacket | undefined {
  if (isIcmp(about) && decodeEcho(about)?.kind !== 'request') return undefined;
  const quote = encodeIp(about, 65_535, 0)[0] ?? new Uint8Array(0);
  const room = LARGEST_ERROR[about.source.length === 4 ? 4 : 6] - HEADER;
  const packet = icmpPacket({ source: from, destination: about.source }, HEADER + Math.min(room, quote.length));
  const [type, code] = numbersFor(packet).errors[reason];
  packet.payload.set([type, code]);
  packet.payload.set(quote.subarray(0, room), HEADER);
  new DataView(packet.payload.buffer).setUint16(2, checksumOf(packet, packet.payload));
  return packet;
}

const isIcmp = ({ protocol, source }: IpPacket): boolean => protocol === protocolFor(source);

const protocolFor = (address: Uint8Array): number => (address.length === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6);

const icmpPacket = (ends: Pick<IpPacket, 'source' | 'destination'>, length: number): IpPacket => ({
  ...ends,
  protocol: protocolFor(ends.source),
  hopLimit: DEFAULT_HOP_LIMIT,
  payload: new Uint8Array(length),
});

// ICMPv6 covers the addresses too (RFC 4443, section 2.3).
const checksumOf = ({ source, destination, protocol }: IpPacket, payload: Uint8Array): number =>
  checksum(payload, source.length === 4 ? 0 : pseudoHeaderSum(source, destination, protocol, payload.length));
