/** Packets kept per peer while a handshake runs, as many as the kernel keeps. */
const MAX_PACKETS = 128;

/** Packets that wait for a session; when it is full the oldest goes, as it is the most stale. */
export class PacketQueue {
  private packets: Uint8Array[] = [];

  /** Keeps a copy. @returns whether an older packet had to go for it */
  push(packet: Uint8Array): boolean {
    const full = this.packets.length >= MAX_PACKETS;
    if (full) this.packets.shift();
    this.packets.push(Uint8Array.from(packet));
    return full;
  }

  /** Empties the queue. */
  drain(): Uint8Array[] {
    const packets = this.packets;
    this.packets = [];
    return packets;
  }

  get length(): number {
    return this.packets.length;
  }
}
