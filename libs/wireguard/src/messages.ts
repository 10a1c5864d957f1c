import { readUint32 } from './little-endian.js';

// Where each field begins, in bytes. Numbers are little-endian; the type takes four bytes of which three are zero.

/** Initiator to responder (5.4.2). */
export const INITIATION = {
  type: 1,
  length: 148,
  sender: 4,
  ephemeral: 8,
  static: 40,
  timestamp: 88,
  mac1: 116,
  mac2: 132,
} as const;

/** Responder to initiator (5.4.3). */
export const RESPONSE = {
  type: 2,
  length: 92,
  sender: 4,
  receiver: 8,
  ephemeral: 12,
  empty: 44,
  mac1: 60,
  mac2: 76,
} as const;

/** The answer of a responder under load to either of the two (5.4.7). */
export const COOKIE_REPLY = { type: 3, length: 64, receiver: 4, nonce: 8, cookie: 32 } as const;

/** Encapsulated packets and keepalives (5.4.6). */
export const TRANSPORT = { type: 4, header: 16, receiver: 4, counter: 8, overhead: 32 } as const;

/** The length of a handshake message by its type; 0 for other types. */
export const HANDSHAKE_LENGTHS: readonly number[] = [0, INITIATION.length, RESPONSE.length, COOKIE_REPLY.length, 0];

export type MessageKind = 'initiation' | 'response' | 'cookie_reply' | 'transport';

/** What a datagram is: `undefined` when it is no WireGuard message, `malformed` when its type and length disagree. */
export function messageKind(datagram: Uint8Array): MessageKind | 'malformed' | undefined {
  if (datagram.length < 4) return undefined;
  switch (readUint32(datagram, 0)) {
    case INITIATION.type:
      return datagram.length === INITIATION.length ? 'initiation' : 'malformed';
    case RESPONSE.type:
      return datagram.length === RESPONSE.length ? 'response' : 'malformed';
    case COOKIE_REPLY.type:
      return datagram.length === COOKIE_REPLY.length ? 'cookie_reply' : 'malformed';
    case TRANSPORT.type:
      return datagram.length >= TRANSPORT.overhead ? 'transport' : 'malformed';
    default:
      return undefined;
  }
}
