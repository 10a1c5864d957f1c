import { parseAddress } from '#net';

const REQUEST = 8;
const REPLY = 0;

/** A whole ICMP echo request over IPv4 with right checksums. */
export function echoRequest(source: string, destination: string): Uint8Array {
  const header = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, ...parseAddress(source), ...parseAddress(destination)];
  const packet = Uint8Array.of(...header, REQUEST, 0, 0, 0, 0x12, 0x34, 0, 1);
  const view = new DataView(packet.buffer);
  view.setUint16(10, checksum(view, 0, 20));
  view.setUint16(22, checksum(view, 20, 28));
  return packet;
}

export const isEchoRequest = (packet: Uint8Array): boolean => isIcmp(packet) && packet[20] === REQUEST;
export const isEchoReply = (packet: Uint8Array): boolean => isIcmp(packet) && packet[20] === REPLY;

/** Addresses swapped, type 8 to 0, and the checksum follows (RFC 792, RFC 1624). */
export function echoReplyTo(request: Uint8Array): Uint8Array {
  const reply = Uint8Array.from(request);
  reply.set(request.subarray(16, 20), 12);
  reply.set(request.subarray(12, 16), 16);
  reply[20] = REPLY;
  const view = new DataView(reply.buffer);
  const sum = view.getUint16(22) + 0x0800;
  view.setUint16(22, (sum & 0xffff) + (sum >> 16));
  return reply;
}

const isIcmp = (packet: Uint8Array): boolean => packet[0] === 0x45 && packet[9] === 1;

function checksum(view: DataView, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i += 2) sum += view.getUint16(i);
  return ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
}
