import { DEFAULT_HOP_LIMIT, encodeEcho, encodeIp, encodeUdp, type IpPacket, PROTOCOL } from '#host';
import { checksum, parseAddress, pseudoHeaderSum } from '#net';
import { FLAG, TCP } from '../segments/headers.js';

const DATA = new Uint8Array(56);
const PORTS = { one: 40_000, other: 443 } as const;
const MTU = 1_420;

/** Small packets, each a question from one address and then its answer from the other. */
export function rehearsedPackets(one: string, other: string): Uint8Array[] {
  const [source, destination] = [parseAddress(one), parseAddress(other)];
  const question = { source, destination };
  const answer = { source: destination, destination: source };
  const echo = { id: 0, sequence: 0, data: DATA };
  return [
    encodeEcho(question, { ...echo, kind: 'request' }),
    encodeEcho(answer, { ...echo, kind: 'reply' }),
    encodeUdp(question, { sourcePort: PORTS.one, destinationPort: PORTS.other, data: DATA }),
    encodeUdp(answer, { sourcePort: PORTS.other, destinationPort: PORTS.one, data: DATA }),
    segment(question, PORTS.one, PORTS.other),
    segment(answer, PORTS.other, PORTS.one),
  ].flatMap((packet) => encodeIp(packet, MTU, 0));
}

/** In the middle of a connection (RFC 9293, 3.1). */
function segment(way: Pick<IpPacket, 'source' | 'destination'>, from: number, to: number): IpPacket {
  const payload = new Uint8Array(TCP.size + DATA.length);
  const view = new DataView(payload.buffer);
  view.setUint16(0, from);
  view.setUint16(2, to);
  payload[TCP.offset] = (TCP.size / 4) << 4;
  payload[TCP.flags] = FLAG.ack;
  const sum = pseudoHeaderSum(way.source, way.destination, PROTOCOL.tcp, payload.length);
  view.setUint16(TCP.checksum, checksum(payload, sum));
  return { ...way, protocol: PROTOCOL.tcp, hopLimit: DEFAULT_HOP_LIMIT, payload };
}
