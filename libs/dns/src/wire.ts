// The layout of DNS messages, as far as it is needed without decoding them (RFC 1035, 4.1; RFC 6891, 6.1).

export const HEADER_BYTES = 12;

/** The most that fits into a datagram for whoever does not say otherwise (RFC 1035, 4.2.1). */
export const CLASSIC_UDP_BYTES = 512;

/** The most that we send in a datagram: what reaches everybody unfragmented (RFC 9715, 3.2). */
export const MAX_UDP_BYTES = 1232;

export const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  checkingDisabled: 0x0010,
} as const;

/** RFC 1035, 4.1.1 and RFC 6891, 9. */
export const RCODE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const;

export type Rcode = (typeof RCODE)[keyof typeof RCODE];

export const TYPE = { a: 1, ns: 2, cname: 5, soa: 6, ptr: 12, txt: 16, aaaa: 28, opt: 41, any: 255 } as const;

export const CLASS_IN = 1;

export const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2);

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value >>> 16);
  putU16(bytes, at + 2, value);
}
