import { checksum, parseAddress, pseudoHeaderSum } from '#net';
import { FLAG, IPV4, TCP, UDP } from '../segments/headers.js';

const PAYLOAD = 64;
const PORTS = [40_000, 443] as const;
const ICMP = { protocol: 1, size: 8, checksum: 2, request: 8, reply: 0 } as const;

/** A small packet from one address to the other: a question, or its answer. */
type Make = (from: string, to: string, isQuestion: boolean) => Uint8Array;

export const echo: Make = (from, to, isQuestion) => {
  const packet = ipv4(from, to, ICMP.protocol, ICMP.size);
  packet[IPV4.size] = isQuestion ? ICMP.request : ICMP.reply;
  new DataView(packet.buffer).setUint16(IPV4.size + ICMP.checksum, checksum(packet.subarray(IPV4.size)));
  return packet;
};

export const udp: Make = (from, to, isQuestion) => {
  const packet = ipv4(from, to, UDP.protocol, UDP.size);
  const view = new DataView(packet.buffer);
  setPorts(view, isQuestion);
  view.setUint16(IPV4.size + UDP.length, UDP.size + PAYLOAD);
  setSum(packet, UDP.protocol, UDP.checksum);
  return packet;
};

export const segment: Make = (from, to, isQuestion) => {
  const packet = ipv4(from, to, TCP.protocol, TCP.size);
  const view = new DataView(packet.buffer);
  setPorts(view, isQuestion);
  packet[IPV4.size + TCP.offset] = (TCP.size / 4) << 4;
  packet[IPV4.size + TCP.flags] = FLAG.ack;
  setSum(packet, TCP.protocol, TCP.checksum);
  return packet;
};

function ipv4(from: string, to: string, protocol: number, header: number): Uint8Array {
  const packet = new Uint8Array(IPV4.size + header + PAYLOAD);
  packet.set([0x45, 0, 0, packet.length, 0, 0, 0x40, 0, 64, protocol]);
  packet.set(parseAddress(from), IPV4.addresses);
  packet.set(parseAddress(to), IPV4.addresses + 4);
  new DataView(packet.buffer).setUint16(IPV4.checksum, checksum(packet.subarray(0, IPV4.size)));
  return packet;
}

function setPorts(view: DataView, isQuestion: boolean): void {
  const [source, destination] = isQuestion ? PORTS : PORTS.toReversed();
  view.setUint16(IPV4.size, source as number);
  view.setUint16(IPV4.size + 2, destination as number);
}

/** @param place of the checksum, behind the IP header */
function setSum(packet: Uint8Array, protocol: number, place: number): void {
  const [from, to] = [
    packet.subarray(IPV4.addresses, IPV4.addresses + 4),
    packet.subarray(IPV4.addresses + 4, IPV4.size),
  ];
  const payload = packet.subarray(IPV4.size);
  const sum = checksum(payload, pseudoHeaderSum(from, to, protocol, payload.length));
  new DataView(packet.buffer).setUint16(IPV4.size + place, sum);
}
