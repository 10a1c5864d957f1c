import { checksum, parseAddress } from '#net';

const HEADERS = 28;
const UDP = 17;

/** A UDP datagram in IPv4 whose receiver need not exist: nobody answers it. */
export function packetFrom(source: string, destination: string, length: number): Uint8Array {
  const packet = new Uint8Array(length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, length);
  view.setUint16(6, 0x4000);
  packet[8] = 64;
  packet[9] = UDP;
  packet.set(parseAddress(source), 12);
  packet.set(parseAddress(destination), 16);
  view.setUint16(10, checksum(packet.subarray(0, 20)));
  view.setUint16(20, 5000);
  view.setUint16(22, 9);
  view.setUint16(24, length - HEADERS + 8);
  return packet;
}
