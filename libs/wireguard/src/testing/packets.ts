import { parseAddress } from '#net';

/** An IPv4 packet with just what cryptokey routing reads, and a payload. */
export function ipv4Packet(source: string, destination: string, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  packet[0] = 0x45;
  packet[2] = packet.length >> 8;
  packet[3] = packet.length;
  packet.set(parseAddress(source), 12);
  packet.set(parseAddress(destination), 16);
  packet.set(payload, 20);
  return packet;
}

/** An IPv6 packet with just what cryptokey routing reads, and a payload. */
export function ipv6Packet(source: string, destination: string, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  packet[0] = 0x60;
  packet[4] = payload.length >> 8;
  packet[5] = payload.length;
  packet.set(parseAddress(source), 8);
  packet.set(parseAddress(destination), 24);
  packet.set(payload, 40);
  return packet;
}

/** An IPv4 packet that carries a number, to be told from every other. */
export function echoPacket(source: string, destination: string, sequence: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, sequence);
  return ipv4Packet(source, destination, payload);
}
