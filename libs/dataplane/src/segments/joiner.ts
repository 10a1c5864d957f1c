import { DATA_VALID, GSO, NEEDS_CSUM, VNET } from '../io/abi.js';
import type { Arena } from '../memory/arena.js';
import { FLAG, IPV4, IPV6, pseudoTail, TCP, UDP } from './headers.js';

const MOST_BYTES = 65_535;
/** More than the kernel would hand to a socket that takes them joined. */
const MOST_UDP_SEGMENTS = 64;
const MAY_FRAGMENT = 0x3fff;

/** Writes `bytes[offset, offset + length)` to the interface: a `virtio_net_hdr`, then a packet. */
export type WritePacket = (offset: number, length: number) => void;

export interface Joining {
  readonly tcp: boolean;
  readonly udp: boolean;
}

/**
 * Joins packets of one flow that follow one another into one of up to 64 KiB, as the kernel does with what comes from a
 * network card (net/ipv4/tcp_offload.c). Only packets whose checksum is right are joined: nobody looks at it afterwards.
 */
export class Joiner {
  readonly #buffer: number;
  readonly #packet: number;
  // The run that may grow, which begins at #buffer with its header.
  #owner: object | undefined;
  #protocol = 0;
  #ip = 0;
  #headers = 0;
  #length = 0;
  #segment = 0;
  #count = 0;
  #sequence = 0;
  #verified = false;
  // What the last packet that was looked at is.
  #nextProtocol = 0;
  #nextIp = 0;
  #nextHeaders = 0;

  constructor(
    readonly arena: Arena,
    readonly joining: Joining,
    readonly write: WritePacket,
  ) {
    // So that the packet behind the header begins at a multiple of 16.
    this.#buffer = arena.take(MOST_BYTES + 64) + 6;
    this.#packet = this.#buffer + VNET.size;
  }

  /**
   * Appends the packet to the run if it is of the same flow and of the same owner, and directly follows it.
   * @returns whether it did; the packet is the host's then
   */
  append(owner: object, packet: number, length: number): boolean {
    if (this.#owner !== owner || !this.#classify(packet, length) || !this.#follows(packet, length)) return false;
    const { bytes } = this.arena;
    const payload = length - this.#headers;
    this.#length += payload;
    this.#sequence = (this.#sequence + payload) >>> 0;
    this.#count++;
    const pushed = this.#protocol === TCP.protocol && this.#flags(packet) === (FLAG.ack | FLAG.psh);
    if (pushed) bytes[this.#packet + this.#ip + TCP.flags] = FLAG.ack | FLAG.psh;
    if (pushed || payload < this.#segment) this.flush();
    return true;
  }

  /** Begins a run with the packet, or writes it when it can be in none. The 10 bytes before it are overwritten. */
  begin(owner: object, packet: number, length: number): void {
    this.flush();
    if (!this.#classify(packet, length) || this.#isPushed(packet)) {
      this.arena.bytes.fill(0, packet - VNET.size, packet);
      this.write(packet - VNET.size, length + VNET.size);
      return;
    }
    const { view, work } = this.arena;
    work.copy(this.#packet, packet, length);
    this.#owner = owner;
    this.#protocol = this.#nextProtocol;
    this.#ip = this.#nextIp;
    this.#headers = this.#nextHeaders;
    this.#length = length;
    this.#segment = length - this.#headers;
    this.#count = 1;
    this.#verified = false;
    this.#sequence = (view.getUint32(packet + this.#ip + TCP.sequence) + this.#segment) >>> 0;
  }

  /** Writes the run. */
  flush(): void {
    if (!this.#owner) return;
    this.#owner = undefined;
    this.arena.bytes.fill(0, this.#buffer, this.#packet);
    if (this.#count > 1) this.#describe();
    else if (this.#verified) this.arena.bytes[this.#buffer + VNET.flags] = DATA_VALID;
    this.write(this.#buffer, VNET.size + this.#length);
  }

  #flags(packet: number): number {
    return this.arena.bytes[packet + this.#nextIp + TCP.flags] as number;
  }

  /** Data that is to be handed on at once. */
  #isPushed(packet: number): boolean {
    return this.#nextProtocol === TCP.protocol && this.#flags(packet) !== FLAG.ack;
  }

  /** Whether the packet is one that can be part of a run at all. */
  #classify(packet: number, length: number): boolean {
    const { view, bytes } = this.arena;
    const first = bytes[packet];
    if (first === 0x45) {
      if ((view.getUint16(packet + IPV4.fragment) & MAY_FRAGMENT) !== 0) return false;
      this.#nextIp = IPV4.size;
      this.#nextProtocol = bytes[packet + IPV4.protocol] as number;
    } else if ((first ?? 0) >> 4 === 6) {
      this.#nextIp = IPV6.size;
      this.#nextProtocol = bytes[packet + IPV6.nextHeader] as number;
    } else return false;
    return this.#nextProtocol === TCP.protocol ? this.#isTcpData(packet, length) : this.#isUdpData(packet, length);
  }

  #isTcpData(packet: number, length: number): boolean {
    if (!this.joining.tcp || length < this.#nextIp + TCP.size) return false;
    const flags = this.#flags(packet);
    this.#nextHeaders = this.#nextIp + ((this.arena.bytes[packet + this.#nextIp + TCP.offset] as number) >> 4) * 4;
    const plain = flags === FLAG.ack || flags === (FLAG.ack | FLAG.psh);
    return plain && this.#nextHeaders >= this.#nextIp + TCP.size && length > this.#nextHeaders;
  }

  #isUdpData(packet: number, length: number): boolean {
    if (!this.joining.udp || this.#nextProtocol !== UDP.protocol) return false;
    const { view } = this.arena;
    this.#nextHeaders = this.#nextIp + UDP.size;
    if (length <= this.#nextHeaders) return false;
    const at = packet + this.#nextIp;
    return view.getUint16(at + UDP.length) === length - this.#nextIp && view.getUint16(at + UDP.checksum) !== 0;
  }

  #follows(packet: number, length: number): boolean {
    const payload = length - this.#nextHeaders;
    return (
      this.#nextProtocol === this.#protocol &&
      this.#nextIp === this.#ip &&
      this.#nextHeaders === this.#headers &&
      payload <= this.#segment &&
      this.#length + payload <= MOST_BYTES &&
      this.#sameIp(packet) &&
      (this.#protocol === TCP.protocol ? this.#sameTcp(packet) : this.#sameUdp(packet)) &&
      this.#takesIn(packet, length)
    );
  }

  #sameIp(packet: number): boolean {
    if (this.#ip === IPV6.size) {
      const { bytes } = this.arena;
      const run = this.#packet;
      return (
        this.#same(packet, 0, 4) &&
        bytes[packet + IPV6.hopLimit] === bytes[run + IPV6.hopLimit] &&
        this.#same(packet, IPV6.addresses, 32)
      );
    }
    const { view } = this.arena;
    const run = this.#packet;
    return (
      view.getUint16(packet) === view.getUint16(run) &&
      view.getUint16(packet + IPV4.fragment) === view.getUint16(run + IPV4.fragment) &&
      view.getUint16(packet + IPV4.ttl) === view.getUint16(run + IPV4.ttl) &&
      this.#same(packet, IPV4.addresses, 8)
    );
  }

  #sameTcp(packet: number): boolean {
    const { view, bytes } = this.arena;
    const at = this.#ip;
    return (
      view.getUint32(packet + at + TCP.sequence) === this.#sequence &&
      bytes[packet + at + TCP.offset] === bytes[this.#packet + at + TCP.offset] && // the AE flag too (RFC 9768)
      this.#same(packet, at, 4) &&
      this.#same(packet, at + TCP.acknowledgment, 4) &&
      view.getUint16(packet + at + TCP.window) === view.getUint16(this.#packet + at + TCP.window) &&
      this.#same(packet, at + TCP.size, this.#headers - at - TCP.size)
    );
  }

  #sameUdp(packet: number): boolean {
    return this.#count < MOST_UDP_SEGMENTS && this.#same(packet, this.#ip, 4);
  }

  /** @param length a multiple of 4 */
  #same(packet: number, offset: number, length: number): boolean {
    const { view } = this.arena;
    const run = this.#packet;
    for (let i = offset; i < offset + length; i += 4) {
      if (view.getUint32(packet + i) !== view.getUint32(run + i)) return false;
    }
    return true;
  }

  /**
   * Whether the checksums of the run's first packet and of this one are right. The payload is copied behind the run at
   * the same time: what nobody counts in is nothing.
   */
  #takesIn(packet: number, length: number): boolean {
    this.#verified ||= this.#isRight(this.#packet, this.#length);
    if (!this.#verified) return false;
    const { work } = this.arena;
    const headers = this.#headers;
    const payload = work.copyAndSum(this.#packet + this.#length, packet + headers, length - headers, 0);
    const size = length - this.#ip;
    return work.sum(packet + this.#ip, headers - this.#ip, this.#pseudoSum(packet, size) + payload) === 0xffff;
  }

  #isRight(packet: number, length: number): boolean {
    const size = length - this.#ip;
    return this.arena.work.sum(packet + this.#ip, size, this.#pseudoSum(packet, size)) === 0xffff;
  }

  #pseudoSum(packet: number, size: number): number {
    const { work } = this.arena;
    const tail = pseudoTail(this.#protocol, size);
    return this.#ip === IPV4.size
      ? work.sum(packet + IPV4.addresses, 8, tail)
      : work.sum(packet + IPV6.addresses, 32, tail);
  }

  /** Says of what the run consists, and makes its headers those of one packet. */
  #describe(): void {
    const { view, bytes, work } = this.arena;
    const packet = this.#packet;
    const v4 = this.#ip === IPV4.size;
    const tcp = this.#protocol === TCP.protocol;
    const size = this.#length - this.#ip;
    const checksum = tcp ? TCP.checksum : UDP.checksum;
    if (v4) {
      view.setUint16(packet + IPV4.totalLength, this.#length);
      view.setUint16(packet + IPV4.checksum, 0);
      view.setUint16(packet + IPV4.checksum, ~work.sum(packet, IPV4.size, 0) & 0xffff, true);
    } else view.setUint16(packet + IPV6.payloadLength, size);
    if (!tcp) view.setUint16(packet + this.#ip + UDP.length, size);
    view.setUint16(packet + this.#ip + checksum, this.#pseudoSum(packet, size), true);
    bytes[this.#buffer + VNET.flags] = NEEDS_CSUM;
    bytes[this.#buffer + VNET.gsoType] = tcp ? (v4 ? GSO.tcp4 : GSO.tcp6) : GSO.udp;
    view.setUint16(this.#buffer + VNET.headerLength, this.#headers, true);
    view.setUint16(this.#buffer + VNET.gsoSize, this.#segment, true);
    view.setUint16(this.#buffer + VNET.checksumStart, this.#ip, true);
    view.setUint16(this.#buffer + VNET.checksumOffset, checksum, true);
  }
}
