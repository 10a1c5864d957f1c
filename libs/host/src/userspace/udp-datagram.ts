import { checksum, pseudoHeaderSum } from '#net';
import { DEFAULT_HOP_LIMIT, type IpPacket, PROTOCOL } from './ip-packet.js';

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

// RFC 768.
const HEADER = 8;

/** The datagram that a packet holds, if it arrived whole. */
export function decodeUdp({ source, destination, protocol, payload }: IpPacket): UdpDatagram | undefined {
  if (protocol !== PROTOCOL.udp || payload.length < HEADER) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const length = view.getUint16(4);
  if (length < HEADER || length > payload.length) return undefined;
  // Zero is "not computed", which only IPv4 allows (RFC 8200, section 8.1).
  const unchecked = view.getUint16(6) === 0 && source.length === 4;
  const sum = pseudoHeaderSum(source, destination, protocol, length);
  if (!unchecked && checksum(payload.subarray(0, length), sum) !== 0) return undefined;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    data: payload.subarray(HEADER, length),
  };
}

/** A datagram between two addresses of the same family. */
export function encodeUdp(
  { source, destination }: Pick<IpPacket, 'source' | 'destination'>,
  { sourcePort, destinationPort, data }: UdpDatagram,
): IpPacket {
  const payload = new Uint8Array(HEADER + data.length);
  const view = new DataView(payload.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, payload.length);
  payload.set(data, HEADER);
  const sum = checksum(payload, pseudoHeaderSum(source, destination, PROTOCOL.udp, payload.length));
  view.setUint16(6, sum === 0 ? 0xffff : sum);
  return { source, destination, protocol: PROTOCOL.udp, hopLimit: DEFAULT_HOP_LIMIT, payload };
}
