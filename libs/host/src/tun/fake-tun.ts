import type { PacketListener, Tun } from './tun.js';

/** A `Tun` whose host is the test: it says what the host sends, and sees what the host was given. */
export class FakeTun implements Tun {
  /** Copies of the packets that were written, oldest first. */
  readonly written: Uint8Array[] = [];
  closed = false;
  #listener: PacketListener | undefined;

  constructor(
    readonly name = 'fake0',
    readonly mtu = 1280,
  ) {}

  onPackets(listener: PacketListener): void {
    this.#listener = listener;
  }

  write(packet: Uint8Array): void {
    if (!this.closed) this.written.push(packet.slice());
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** As if the host had sent these packets in one go. */
  hostSends(...packets: readonly Uint8Array[]): void {
    if (!this.closed) this.#listener?.(packets);
  }
}
