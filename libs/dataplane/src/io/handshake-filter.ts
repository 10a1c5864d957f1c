import { COOKIE_REPLY, INITIATION, RESPONSE } from '#wireguard';
import { SOCKADDR } from './abi.js';

/** linux/bpf_common.h and linux/filter.h: operations of classic BPF, and where it finds what is not the datagram itself. */
const LOAD_WORD = 0x20;
const STORE = 0x02;
const RECALL = 0x60;
const AND = 0x54;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const RANDOM = 0xffff_f000 + 56;
const IP_HEADER = 0xfff0_0000;
/** How much of a datagram is let through. */
const WHOLE = 0xffff_ffff;
const NOTHING = 0;

interface SourceWord {
  readonly header: number;
  readonly name: number;
}

/** Where the source stands in the IP header and in a socket's name, or as much of it as names a subscriber's network. */
const SOURCE: Readonly<Record<'v4' | 'v6', readonly SourceWord[]>> = {
  v4: [{ header: 12, name: SOCKADDR.address4 }],
  v6: [
    { header: 8, name: SOCKADDR.address6 },
    { header: 12, name: SOCKADDR.address6 + 4 },
  ],
};
const UDP_HEADER = 8;

interface Named {
  /** A whole `sockaddr_in` or `sockaddr_in6`. */
  readonly name: Uint8Array;
}

/** Whose handshakes are let through. */
export interface Admission {
  /** All of these sources: the IPv4 address, or the /64 of an IPv6 one. */
  readonly trusted: readonly Named[];
  /** None of these, unless they are trusted. */
  readonly blocked: readonly Named[];
  /** Of the initiations of others one in so many, at random: a power of two. */
  readonly oneIn: number;
}

/**
 * A classic BPF program for a UDP socket that lets all datagrams through but some messages of handshakes (WireGuard paper,
 * 5.4.2 to 5.4.7). What it refuses costs the kernel less than a microsecond, and this process nothing.
 */
export function handshakeFilter(family: 'v4' | 'v6', { trusted, blocked, oneIn }: Admission): Uint8Array {
  const source = SOURCE[family];
  return assemble([
    [LOAD_WORD, 0, 0, UDP_HEADER],
    [JUMP_IF_EQUAL, 3, 0, INITIATION.type << 24],
    [JUMP_IF_EQUAL, 2, 0, RESPONSE.type << 24],
    [JUMP_IF_EQUAL, 1, 0, COOKIE_REPLY.type << 24],
    [RETURN, 0, 0, WHOLE],
    ...source.flatMap(({ header }, index): Instruction[] => [
      [LOAD_WORD, 0, 0, IP_HEADER + header],
      [STORE, 0, 0, index],
    ]),
    ...trusted.flatMap(({ name }) => whereFrom(name, source, WHOLE)),
    ...blocked.flatMap(({ name }) => whereFrom(name, source, NOTHING)),
    [LOAD_WORD, 0, 0, UDP_HEADER],
    [JUMP_IF_EQUAL, 1, 0, INITIATION.type << 24],
    [RETURN, 0, 0, WHOLE],
    [LOAD_WORD, 0, 0, RANDOM],
    [AND, 0, 0, oneIn - 1],
    [JUMP_IF_EQUAL, 0, 1, 0],
    [RETURN, 0, 0, WHOLE],
    [RETURN, 0, 0, NOTHING],
  ]);
}

type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, operand: number];

/** Ends the program if each word of the source is that of the name. */
function whereFrom(name: Uint8Array, source: readonly SourceWord[], verdict: number): Instruction[] {
  const words = new DataView(name.buffer, name.byteOffset);
  const tests = source.flatMap(({ name: at }, index): Instruction[] => [
    [RECALL, 0, 0, index],
    [JUMP_IF_EQUAL, 0, 2 * (source.length - index) - 1, words.getUint32(at)],
  ]);
  return [...tests, [RETURN, 0, 0, verdict]];
}

function assemble(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [operation, ifTrue, ifFalse, operand]] of instructions.entries()) {
    view.setUint16(8 * index, operation, true);
    bytes[8 * index + 2] = ifTrue;
    bytes[8 * index + 3] = ifFalse;
    view.setUint32(8 * index + 4, operand, true);
  }
  return bytes;
}
