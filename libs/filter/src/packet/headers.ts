import { i32 } from './big-endian.js';

/** An address as four 32-bit numbers; an IPv4 address is the first, and the others are zero. */
export type AddressWords = Int32Array;

/** What a decoder found in a packet. One instance is used for packet after packet: copy what must last. */
export class PacketHeaders {
  family: 4 | 6 = 4;
  /** The transport protocol, after all extension headers. */
  protocol = 0;
  readonly source: AddressWords = new Int32Array(4);
  readonly destination: AddressWords = new Int32Array(4);
  /** Where the transport header begins, and where the packet ends, in the array that was decoded. */
  transport = 0;
  end = 0;
  /** `later` fragments carry no transport header: what follows is unset for them. */
  fragment: 'none' | 'first' | 'later' = 'none';
  /** What the fragments of one packet share. */
  fragmentId = 0;
  sourcePort = 0;
  destinationPort = 0;
  tcpFlags = 0;
  icmpType = 0;
  /** The identifier of an ICMP echo or echo reply. */
  icmpId = 0;

  clear(): void {
    this.fragment = 'none';
    this.fragmentId = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.tcpFlags = 0;
    this.icmpType = 0;
    this.icmpId = 0;
  }
}

/** Fills in the words of the address at this place. */
export function readAddress(words: AddressWords, family: 4 | 6, bytes: Uint8Array, at: number): void {
  words[0] = i32(bytes, at);
  for (let i = 1; i < 4; i++) words[i] = family === 6 ? i32(bytes, at + 4 * i) : 0;
}

export function sameWords(a: AddressWords, b: AddressWords): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}
