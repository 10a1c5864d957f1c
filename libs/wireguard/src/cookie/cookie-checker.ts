import type { Crypto } from '#crypto';
import { equalBytes, type Random, utf8 } from '#kernel';
import { COOKIE_LIFETIME, LABEL_COOKIE, LABEL_MAC1 } from '../constants.js';
import { writeUint32 } from '../little-endian.js';
import { COOKIE_REPLY } from '../messages.js';

/** Where the two MACs of a handshake message lie; INITIATION and RESPONSE both fit. */
export interface MacFields {
  readonly length: number;
  readonly mac1: number;
  readonly mac2: number;
}

/** The side that is sent handshake messages: checks their MACs and hands out cookies (5.4.4 and 5.4.7). */
export class CookieChecker {
  private readonly mac1Key: Uint8Array;
  private readonly cookieKey: Uint8Array;
  private secret = new Uint8Array();
  private secretBornAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly crypto: Crypto,
    private readonly random: Random,
    publicKey: Uint8Array,
  ) {
    this.mac1Key = crypto.blake2s(LABEL_MAC1, publicKey);
    this.cookieKey = crypto.blake2s(LABEL_COOKIE, publicKey);
  }

  /** Whether the sender knows our public key. */
  checkMac1(message: Uint8Array, fields: MacFields): boolean {
    const mac = this.crypto.mac(this.mac1Key, message.subarray(0, fields.mac1));
    return equalBytes(mac, message.subarray(fields.mac1, fields.mac2));
  }

  /**
   * Whether the sender has lately received a cookie at the address it sends from.
   *
   * @param source what stands for that address
   */
  checkMac2(now: number, message: Uint8Array, fields: MacFields, source: string): boolean {
    if (now - this.secretBornAt >= COOKIE_LIFETIME) return false;
    const mac = this.crypto.mac(this.cookieFor(source), message.subarray(0, fields.mac2));
    return equalBytes(mac, message.subarray(fields.mac2, fields.length));
  }

  /** The reply to a handshake message, to be sent to `source`: a cookie that only the message's sender can read. */
  reply(now: number, message: Uint8Array, fields: MacFields, sender: number, source: string): Uint8Array {
    if (now - this.secretBornAt >= COOKIE_LIFETIME) {
      this.secret = Uint8Array.from(this.random.bytes(32));
      this.secretBornAt = now;
    }
    const nonce = this.random.bytes(COOKIE_REPLY.cookie - COOKIE_REPLY.nonce);
    const mac1 = message.subarray(fields.mac1, fields.mac2);
    const reply = new Uint8Array(COOKIE_REPLY.length);
    reply[0] = COOKIE_REPLY.type;
    writeUint32(reply, COOKIE_REPLY.receiver, sender);
    reply.set(nonce, COOKIE_REPLY.nonce);
    reply.set(this.crypto.xseal(this.cookieKey, nonce, this.cookieFor(source), mac1), COOKIE_REPLY.cookie);
    return reply;
  }

  private cookieFor(source: string): Uint8Array {
    return this.crypto.mac(this.secret, utf8(source));
  }
}
