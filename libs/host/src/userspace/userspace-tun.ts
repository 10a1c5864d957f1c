import type { Clock } from '#kernel';
import { systemClock } from '../system-clock.js';
import type { PacketListener, Tun } from '../tun/tun.js';
import type { UdpSocket } from '../udp/udp-socket.js';
import type { Attachment } from './attachment.js';
import { decodeIp, encodeIp } from './ip-codec.js';
import { type IpPacket, isFragment } from './ip-packet.js';
import { Reassembler } from './reassembler.js';
import { UserspaceTcp } from './tcp/userspace-tcp.js';
import { UserspaceHost } from './userspace-host.js';
import { UserspaceRouter } from './userspace-router.js';

export interface UserspaceTunOptions {
  /** Shown where an interface's name would be; `userspace` by default. */
  readonly name?: string;
  /** 1280 by default: what every path carries. */
  readonly mtu?: number;
  readonly addresses?: readonly string[];
  readonly clock?: Clock;
}

/**
 * Networking without root and without a TUN device: in place of the kernel, a small stack in this process is the host.
 * It answers pings, has UDP ports, and routes to what is attached behind it.
 */
export class UserspaceTun implements Tun {
  readonly name: string;
  readonly mtu: number;
  readonly host: UserspaceHost;
  /** The TCP ports of this node inside the mesh. */
  readonly tcp: UserspaceTcp;
  readonly #clock: Clock;
  readonly #router: UserspaceRouter;
  readonly #reassembler = new Reassembler();
  readonly #timers = new Set<NodeJS.Timeout>();
  #outgoing: Uint8Array[] = [];
  #listener: PacketListener | undefined;
  #fragmentId = 0;
  #closed = false;

  constructor({ name = 'userspace', mtu = 1280, addresses = [], clock = systemClock }: UserspaceTunOptions = {}) {
    this.name = name;
    this.mtu = mtu;
    this.#clock = clock;
    this.host = new UserspaceHost({ addresses });
    this.tcp = new UserspaceTcp(this.host, { mtu });
    this.#router = new UserspaceRouter(
      this.host,
      (packet) => this.#emit(packet),
      () => clock.now(),
    );
  }

  /** What this node is reachable at. @throws NetfoldError `net.bad_address` */
  setAddresses(addresses: readonly string[]): void {
    this.host.setAddresses(addresses);
  }

  /** Hands what is for this prefix, or this address, to a host behind this node. @throws NetfoldError `net.bad_prefix` */
  attach(prefix: string, attachment: Attachment): void {
    this.#router.attach(prefix, attachment);
  }

  detach(prefix: string): void {
    this.#router.detach(prefix);
  }

  /** A UDP port of this node inside the mesh. @throws NetfoldError `host.port_in_use` */
  bindUdp(port = 0): UdpSocket {
    return this.host.bindUdp(port);
  }

  /**
   * @param timeout in milliseconds, 5 seconds by default
   * @returns the round trip in milliseconds, or undefined when no answer came in time
   * @throws NetfoldError `net.bad_address`, `host.no_address`
   */
  async ping(address: string, { timeout = 5_000 }: { readonly timeout?: number } = {}): Promise<number | undefined> {
    const sentAt = this.#clock.now();
    // Made first: this node answers its own pings before the call that sends them returns.
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<number | undefined>((resolve) => {
      timer = setTimeout(() => this.host.advance(sentAt + timeout), timeout);
      this.#timers.add(timer);
      this.host.ping(sentAt, address, timeout, resolve);
    });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      if (timer) this.#timers.delete(timer);
    }
  }

  onPackets(listener: PacketListener): void {
    this.#listener = listener;
  }

  write(bytes: Uint8Array): void {
    const packet = this.#closed ? undefined : decodeIp(bytes);
    if (!packet) return;
    const whole = isFragment(packet) ? this.#reassembler.add(this.#clock.now(), packet) : packet;
    if (whole) this.#router.receive(whole);
  }

  async close(): Promise<void> {
    this.tcp.close();
    this.#flush();
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.host.advance(Number.POSITIVE_INFINITY);
  }

  // As with a kernel, what is written is never answered from within the call; what was sent together leaves together.
  #emit(packet: IpPacket): void {
    if (this.#closed) return;
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush());
    this.#fragmentId = (this.#fragmentId + 1) >>> 0;
    this.#outgoing.push(...encodeIp(packet, this.mtu, this.#fragmentId));
  }

  #flush(): void {
    const packets = this.#outgoing;
    this.#outgoing = [];
    if (!this.#closed) this.#listener?.(packets);
  }
}
