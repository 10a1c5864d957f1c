/**
 * A layer-3 network interface: whole IP packets, without any header before them.
 * The host's own packets come out of it; packets from the mesh go into it.
 */
export interface Tun {
  readonly name: string;
  /** The largest packet in bytes, IP header included. */
  readonly mtu: number;
  /**
   * Takes each batch of packets that the host sends. There is one listener; a later one replaces it, and packets
   * that arrive without one are dropped. The listener owns the packets: nothing writes to them afterwards.
   */
  onPackets(listener: PacketListener): void;
  /** Hands one packet to the host. Like any network, it may drop the packet; the caller may reuse the bytes at once. */
  write(packet: Uint8Array): void;
  /** Stops reading and gives the interface back. Closing twice is closing once. */
  close(): Promise<void>;
}

export type PacketListener = (packets: readonly Uint8Array[]) => void;
