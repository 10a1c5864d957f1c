import type { Crypto, KeyPair } from '#crypto';
import { equalBytes, type Random } from '#kernel';
import { CookieChecker, type MacFields } from '../cookie/cookie-checker.js';

/** Former identities kept at most, however fast keys are rotated. */
const MAX_FORMER = 3;

/** A static key pair that this device answers under. */
export interface Identity extends KeyPair {
  readonly checker: CookieChecker;
  /** When it stops answering, ms; Infinity for the current one. */
  retiresAt: number;
}

/** The device's current static key and the former ones that peers may still know it by. */
export class Identities {
  /** The current one first, then from young to old. */
  private identities: Identity[] = [];

  constructor(
    private readonly crypto: Crypto,
    private readonly random: Random,
  ) {}

  get current(): Identity | undefined {
    return this.identities[0];
  }

  get former(): readonly Identity[] {
    return this.identities.slice(1);
  }

  has(identity: Identity): boolean {
    return this.identities.includes(identity);
  }

  find(publicKey: Uint8Array): Identity | undefined {
    return this.identities.find((identity) => equalBytes(identity.publicKey, publicKey));
  }

  /** Puts a new identity first and lets the one before it answer until `retireAt`. @returns those that had to go */
  rotate(privateKey: Uint8Array, retireAt: number): Identity[] {
    if (this.current) this.current.retiresAt = retireAt;
    this.identities.unshift(this.make(privateKey));
    return this.identities.splice(1 + MAX_FORMER);
  }

  retire(identity: Identity): void {
    this.identities = this.identities.filter((other) => other !== identity);
    this.crypto.wipe(identity.privateKey);
  }

  /** The identity that a message with MACs is meant for: the one whose public key its mac1 is made with (5.4.4). */
  addressedBy(message: Uint8Array, fields: MacFields): Identity | undefined {
    return this.identities.find((identity) => identity.checker.checkMac1(message, fields));
  }

  /** The identity to initiate under: the one that the peer knows first, then in turn the others. */
  forAttempt(known: Identity | undefined, attempt: number): Identity | undefined {
    const first = known && this.has(known) ? known : this.current;
    const order = [first, ...this.identities.filter((identity) => identity !== first)];
    return order[attempt % order.length];
  }

  /** When the next former identity retires; Infinity without any. Asked for with every turn of a loop. */
  nextRetirement(): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.identities.length; i++) next = Math.min(next, (this.identities[i] as Identity).retiresAt);
    return next;
  }

  private make(privateKey: Uint8Array): Identity {
    const owned = Uint8Array.from(privateKey);
    const publicKey = this.crypto.dhPublicKey(owned);
    const checker = new CookieChecker(this.crypto, this.random, publicKey);
    return { privateKey: owned, publicKey, checker, retiresAt: Number.POSITIVE_INFINITY };
  }
}
