import { createHmac } from 'node:crypto';
import { type Clock, concatBytes, equalBytes, NetfoldError, type Random, toHex } from '#kernel';

/** How long a nonce may be used, in milliseconds. */
const LIFETIME_MS = 120_000;
const EXPIRY_BYTES = 8;
const RANDOM_BYTES = 16;
const MAC_BYTES = 16;

/**
 * Nonces for claims: expiry ‖ random ‖ MAC. Giving one out keeps nothing, so that nobody can fill the memory by asking;
 * using one does, until it expires, so that it is good once at each replica: replicas that share the secret take each other's,
 * and do not tell each other which were used. A claim that is repeated at another one has the command id of the first, and so
 * its outcome.
 */
export class Nonces {
  /** Used → expiry, in the order of use. */
  readonly #used = new Map<string, number>();

  constructor(
    private readonly secret: Uint8Array,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  issue(): Uint8Array {
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeBigUInt64BE(BigInt(this.clock.now() + LIFETIME_MS));
    const body = concatBytes(expiry, this.random.bytes(RANDOM_BYTES));
    return concatBytes(body, this.#mac(body));
  }

  /** @throws NetfoldError `auth.bad_nonce` when it is not ours, expired or used */
  use(nonce: Uint8Array): void {
    const now = this.clock.now();
    this.#forget(now);
    const body = nonce.subarray(0, EXPIRY_BYTES + RANDOM_BYTES);
    if (!equalBytes(nonce.subarray(body.length), this.#mac(body))) throw badNonce('was not given out by this server');
    const expiry = Number(Buffer.from(body).readBigUInt64BE());
    if (expiry < now) throw badNonce('has expired');
    const key = toHex(body);
    if (this.#used.has(key)) throw badNonce('was used before');
    this.#used.set(key, expiry);
  }

  #mac(body: Uint8Array): Uint8Array {
    return createHmac('sha256', this.secret).update('netfold nonce\0').update(body).digest().subarray(0, MAC_BYTES);
  }

  #forget(now: number): void {
    for (const [key, expiry] of this.#used) {
      if (expiry >= now) return;
      this.#used.delete(key);
    }
  }
}

const badNonce = (why: string): NetfoldError =>
  new NetfoldError({
    code: 'auth.bad_nonce',
    message: `the nonce of this claim ${why}`,
    hint: 'ask for a new challenge and sign the claim again',
  });
