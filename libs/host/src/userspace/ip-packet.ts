import type { Address } from '#net';

// IANA "Assigned Internet Protocol Numbers".
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** A whole IP packet of either family, without its IP header's details. */
export interface IpPacket {
  /** Both addresses are of the same family. */
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  /** Time to live, or hop limit: how many routers it may still pass. */
  readonly hopLimit: number;
  readonly payload: Uint8Array;
}

/** A part of a packet; `offset` is its place in the payload of the whole, in bytes. */
export interface Fragment extends IpPacket {
  readonly id: number;
  readonly offset: number;
  readonly more: boolean;
}

/** RFC 1700's recommended default, and Linux's. */
export const DEFAULT_HOP_LIMIT = 64;

export const isFragment = (packet: IpPacket | Fragment): packet is Fragment => 'offset' in packet;
