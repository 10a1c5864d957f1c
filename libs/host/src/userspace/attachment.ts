import type { IpPacket } from './ip-packet.js';

export type SendPacket = (packet: IpPacket) => void;

/** Whoever takes the packets for some addresses, and may send packets of its own. */
export interface Attachment {
  /** Says where its packets go from now on. */
  connect(send: SendPacket): void;
  /** Takes a whole packet. The payload is only good during the call. `now` is in milliseconds. */
  receive(now: number, packet: IpPacket): void;
}
