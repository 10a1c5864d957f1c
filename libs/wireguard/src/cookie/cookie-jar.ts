import type { Crypto } from '#crypto';
import { COOKIE_LIFETIME, LABEL_COOKIE, LABEL_MAC1 } from '../constants.js';
import { COOKIE_REPLY } from '../messages.js';
import type { MacFields } from './cookie-checker.js';

/** The side that sends handshake messages to one peer: stamps them with MACs and keeps the cookie it was given. */
export class CookieJar {
  private readonly mac1Key: Uint8Array;
  private readonly cookieKey: Uint8Array;
  private cookie: Uint8Array | undefined;
  private receivedAt = 0;
  private lastMac1: Uint8Array | undefined;

  constructor(
    private readonly crypto: Crypto,
    remoteStatic: Uint8Array,
  ) {
    this.mac1Key = crypto.blake2s(LABEL_MAC1, remoteStatic);
    this.cookieKey = crypto.blake2s(LABEL_COOKIE, remoteStatic);
  }

  /** Writes mac1, and mac2 while there is a fresh cookie (5.4.4). */
  stamp(now: number, message: Uint8Array, fields: MacFields): void {
    const mac1 = this.crypto.mac(this.mac1Key, message.subarray(0, fields.mac1));
    message.set(mac1, fields.mac1);
    this.lastMac1 = mac1;
    if (this.cookie && now - this.receivedAt < COOKIE_LIFETIME) {
      message.set(this.crypto.mac(this.cookie, message.subarray(0, fields.mac2)), fields.mac2);
    }
  }

  /** Takes the cookie out of a reply to the message stamped last; false when it is not one (5.4.7). */
  accept(now: number, reply: Uint8Array): boolean {
    if (!this.lastMac1) return false;
    const nonce = reply.subarray(COOKIE_REPLY.nonce, COOKIE_REPLY.cookie);
    const cookie = this.crypto.xopen(this.cookieKey, nonce, reply.subarray(COOKIE_REPLY.cookie), this.lastMac1);
    if (!cookie) return false;
    this.cookie = cookie;
    this.receivedAt = now;
    // One cookie per message: a replayed reply must not renew an old one.
    this.lastMac1 = undefined;
    return true;
  }
}
