import { formatAddress, tryParseAddress } from '#net';

/** RFC 1928, sections 3 to 6. */
export const SOCKS = {
  version: 5,
  method: { none: 0, unacceptable: 0xff },
  command: { connect: 1, udpAssociate: 3 },
  address: { ipv4: 1, name: 3, ipv6: 4 },
  reply: { succeeded: 0, failure: 1, unreachable: 4, refused: 5, expired: 6, unknownCommand: 7, unknownAddress: 8 },
} as const;

export interface SocksRequest {
  readonly command: number;
  /** A name, or an address as text. */
  readonly host: string;
  readonly port: number;
}

/** What a message says and how long it is; undefined while more bytes are needed. */
export type Parsed<T> = { readonly value: T; readonly length: number } | undefined;

/** Bytes that are no SOCKS, or what this server does not take. */
export class SocksSyntax extends Error {
  constructor(
    message: string,
    readonly reply: number,
  ) {
    super(message);
  }
}

/** The methods that a client offers (section 3). @throws SocksSyntax */
export function parseGreeting(bytes: Uint8Array): Parsed<readonly number[]> {
  if (bytes.length > 0) requireVersion(bytes);
  const count = bytes[1];
  if (count === undefined || bytes.length < 2 + count) return undefined;
  return { value: [...bytes.subarray(2, 2 + count)], length: 2 + count };
}

/** Section 4. @throws SocksSyntax */
export function parseRequest(bytes: Uint8Array): Parsed<SocksRequest> {
  if (bytes.length > 0) requireVersion(bytes);
  const destination = parseDestination(bytes, 3);
  if (!destination) return undefined;
  return { value: { command: bytes[1] as number, ...destination.value }, length: destination.length };
}

/** An address and a port from an offset on (section 5). The length counts from the start of the bytes. @throws SocksSyntax */
export function parseDestination(bytes: Uint8Array, at: number): Parsed<Pick<SocksRequest, 'host' | 'port'>> {
  const kind = bytes[at];
  const first = bytes[at + 1];
  if (kind === undefined || first === undefined) return undefined;
  const length = kind === SOCKS.address.ipv4 ? 4 : kind === SOCKS.address.ipv6 ? 16 : first;
  const start = kind === SOCKS.address.name ? at + 2 : at + 1;
  if (kind !== SOCKS.address.ipv4 && kind !== SOCKS.address.ipv6 && kind !== SOCKS.address.name) {
    throw new SocksSyntax('an unknown kind of address', SOCKS.reply.unknownAddress);
  }
  const end = start + length;
  if (bytes.length < end + 2) return undefined;
  const body = bytes.subarray(start, end);
  const host = kind === SOCKS.address.name ? Buffer.from(body).toString('latin1') : formatAddress(body);
  return { value: { host, port: ((bytes[end] as number) << 8) | (bytes[end + 1] as number) }, length: end + 2 };
}

/** An address, or 0.0.0.0 for a text that is none, and a port (section 5). */
export function encodeDestination(host: string, port: number): Uint8Array {
  const address = tryParseAddress(host) ?? new Uint8Array(4);
  const kind = address.length === 4 ? SOCKS.address.ipv4 : SOCKS.address.ipv6;
  return Uint8Array.of(kind, ...address, port >>> 8, port & 0xff);
}

/** Section 6. */
export const encodeReply = (reply: number, host: string, port: number): Uint8Array =>
  Uint8Array.of(SOCKS.version, reply, 0, ...encodeDestination(host, port));

function requireVersion(bytes: Uint8Array): void {
  if (bytes[0] !== SOCKS.version) throw new SocksSyntax('not SOCKS5', SOCKS.reply.failure);
}
