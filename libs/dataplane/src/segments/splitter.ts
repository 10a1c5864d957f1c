import { GSO, NEEDS_CSUM, VNET } from '../io/abi.js';
import type { Arena } from '../memory/arena.js';
import { FLAG, IPV4, IPV6, pseudoTail, TCP, UDP } from './headers.js';

/**
 * Makes packets that may be sent of what the host hands over: a packet without its checksum, or one of up to 64 KiB
 * that stands for many segments of TCP or UDP. Behaves as the kernel's own segmentation (net/ipv4/tcp_offload.c).
 */
export class Splitter {
  #packet = 0;
  #end = 0;
  #segment = 0;
  /** Of the packet's beginning: where the transport header begins, and where the payload does. */
  #transport = 0;
  #payload = 0;
  #checksum = 0;
  #addressSum = 0;
  /** Known from here on: what is made may be written over the header that says so. */
  #needsChecksum = false;
  #isV4 = true;
  #isUdp = false;

  constructor(readonly arena: Arena) {}

  /**
   * @param header where the `virtio_net_hdr` lies; the packet is behind it
   * @param length of both
   * @returns of how many packets it consists; 0 when it contradicts itself
   */
  take(header: number, length: number): number {
    const { view, bytes, work } = this.arena;
    const packet = header + VNET.size;
    const kind = view.getUint8(header + VNET.gsoType) & ~GSO.ecn;
    this.#needsChecksum = (view.getUint8(header + VNET.flags) & NEEDS_CSUM) !== 0;
    this.#packet = packet;
    this.#isV4 = (bytes[packet] ?? 0) >> 4 === 4;
    this.#end = header + length;
    this.#transport = view.getUint16(header + VNET.checksumStart, true);
    this.#checksum = view.getUint16(header + VNET.checksumOffset, true);
    this.#isUdp = this.#checksum === UDP.checksum;
    if (length <= VNET.size) return 0;
    if (kind === GSO.none) return this.#fits() ? 1 : 0;
    this.#segment = view.getUint16(header + VNET.gsoSize, true);
    const [smallest, checksum] = kind === GSO.udp ? [UDP.size, UDP.checksum] : [TCP.size, TCP.checksum];
    const size = kind === GSO.udp ? UDP.size : ((bytes[packet + this.#transport + TCP.offset] ?? 0) >> 4) * 4;
    this.#payload = this.#transport + size;
    const payload = length - VNET.size - this.#payload;
    if (!this.#needsChecksum || !this.#fits() || payload <= 0 || this.#segment === 0) return 0;
    if (this.#checksum !== checksum || size < smallest) return 0; // fields would lie beyond the headers
    this.#addressSum = this.#isV4 ? work.sum(packet + IPV4.addresses, 8, 0) : work.sum(packet + IPV6.addresses, 32, 0);
    return Math.ceil(payload / this.#segment);
  }

  /** Writes the only packet to `target`, if it is not there already. @returns its length */
  only(target: number): number {
    const { work, view } = this.arena;
    const length = this.#end - this.#packet;
    if (target !== this.#packet) work.copy(target, this.#packet, length);
    // The field holds the sum of the pseudo header, which thereby is part of the sum.
    if (this.#needsChecksum) {
      const sum = work.sum(target + this.#transport, length - this.#transport, 0);
      view.setUint16(target + this.#transport + this.#checksum, this.#inverted(sum), true);
    }
    return length;
  }

  /** Writes packet `index` of several to `target`. @returns its length */
  segment(index: number, target: number): number {
    const { work } = this.arena;
    const from = this.#packet + this.#payload + index * this.#segment;
    const to = Math.min(from + this.#segment, this.#end);
    const length = this.#payload + to - from;
    work.copy(target, this.#packet, this.#payload);
    const payloadSum = work.copyAndSum(target + this.#payload, from, to - from, 0);
    if (this.#isV4) this.#finishIpv4(target, length, index);
    else this.arena.view.setUint16(target + IPV6.payloadLength, length - IPV6.size);
    this.#finishTransport(target, length, index, payloadSum);
    return length;
  }

  /** Whether the places that the header names are in the packet. */
  #fits(): boolean {
    if (!this.#needsChecksum) return true;
    const smallest = this.#isV4 ? IPV4.size : IPV6.size;
    return this.#transport >= smallest && this.#packet + this.#transport + this.#checksum + 2 <= this.#end;
  }

  #finishIpv4(target: number, length: number, index: number): void {
    const { view, work } = this.arena;
    view.setUint16(target + IPV4.totalLength, length);
    view.setUint16(target + IPV4.id, (view.getUint16(this.#packet + IPV4.id) + index) & 0xffff);
    view.setUint16(target + IPV4.checksum, 0);
    view.setUint16(target + IPV4.checksum, ~work.sum(target, this.#transport, 0) & 0xffff, true);
  }

  #finishTransport(target: number, length: number, index: number, payloadSum: number): void {
    const { view, bytes, work } = this.arena;
    const at = target + this.#transport;
    const size = length - this.#transport;
    if (this.#isUdp) view.setUint16(at + UDP.length, size);
    else {
      const sequence = view.getUint32(this.#packet + this.#transport + TCP.sequence);
      view.setUint32(at + TCP.sequence, (sequence + index * this.#segment) >>> 0);
      let flags = bytes[at + TCP.flags] as number;
      const last = this.#packet + this.#payload + (index + 1) * this.#segment >= this.#end;
      if (!last) flags &= ~(FLAG.fin | FLAG.psh);
      if (index > 0) flags &= ~FLAG.cwr;
      bytes[at + TCP.flags] = flags;
    }
    view.setUint16(at + this.#checksum, 0);
    const protocol = this.#isUdp ? UDP.protocol : TCP.protocol;
    const pseudoSum = this.#addressSum + pseudoTail(protocol, size);
    const sum = work.sum(at, this.#payload - this.#transport, pseudoSum + payloadSum);
    view.setUint16(at + this.#checksum, this.#inverted(sum), true);
  }

  /** A UDP checksum of zero would mean that there is none (RFC 768). */
  #inverted(sum: number): number {
    const inverted = ~sum & 0xffff;
    return inverted === 0 && this.#isUdp ? 0xffff : inverted;
  }
}
