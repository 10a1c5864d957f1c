import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { openText, sealText } from '#coordination';
import { equalBytes, NetfoldError } from '#kernel';
import type { Attempt } from './issuer.js';
import type { Spent } from './spent.js';

const Pending = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  issuer: z.string(),
  /** The page that the person wanted. */
  next: z.string(),
  /** Milliseconds since the Unix epoch. */
  expiresAt: z.number(),
});

/** A sign-in that is under way in somebody's browser. */
export type PendingLogin = z.infer<typeof Pending>;

const LIFETIME = 10 * 60_000;
const RANDOM_BYTES = 16;
const CONTEXT = 'netfold sign-in';

/**
 * Sign-ins that have begun and not ended, each good once, for a while, in one browser (OAuth 2.0 Security BCP, RFC 9700, 4.7).
 * The browser itself holds all there is to know of one, sealed: nobody can fill a memory by asking, and any replica takes
 * the answer to what another has asked.
 */
export class LoginAttempts {
  readonly #sealing: Uint8Array;
  readonly #marking: Uint8Array;

  /** @param secret that all replicas share, and nobody else */
  constructor(
    secret: Uint8Array,
    private readonly spent: Spent,
    private readonly now: () => number,
  ) {
    [this.#sealing, this.#marking] = [keyFor(secret, 'what a browser holds'), keyFor(secret, 'states')];
  }

  /** What an issuer is to answer with. That it came from here can be seen without the browser. */
  newState(): string {
    const body = randomBytes(RANDOM_BYTES).toString('base64url');
    return `${body}.${this.#macOf(body)}`;
  }

  /** What the browser is to hold. */
  seal(attempt: Attempt, issuer: string, next: string): string {
    const pending: PendingLogin = { ...attempt, issuer, next, expiresAt: this.now() + LIFETIME };
    return sealText(this.#sealing, CONTEXT, JSON.stringify(pending));
  }

  /**
   * The attempt that an answer is to. It cannot be answered again.
   * @param held by the browser that brings the answer; '' if it holds nothing
   * @throws NetfoldError `oidc.unknown_attempt`, `oidc.other_browser`
   */
  async take(state: string, issuer: string, held: string): Promise<PendingLogin> {
    const [body = '', mac = ''] = state.split('.');
    if (!equalBytes(Buffer.from(mac), Buffer.from(this.#macOf(body)))) throw over();
    const text = openText(this.#sealing, CONTEXT, held);
    const attempt = text === undefined ? undefined : Pending.parse(JSON.parse(text));
    if (!attempt || attempt.state !== state) {
      throw unusable('other_browser', 'this sign-in was begun in another browser');
    }
    if (attempt.expiresAt <= this.now() || attempt.issuer !== issuer) throw over();
    if (!(await this.spent.spend(`attempt ${state}`, attempt.expiresAt))) throw over();
    return attempt;
  }

  #macOf(body: string): string {
    return createHmac('sha256', this.#marking).update(body).digest('base64url');
  }
}

const keyFor = (secret: Uint8Array, purpose: string): Uint8Array =>
  createHmac('sha256', secret).update(purpose).digest();

const over = (): NetfoldError => unusable('unknown_attempt', 'this sign-in has ended, or was answered before');

const unusable = (code: string, message: string): NetfoldError =>
  new NetfoldError({ code: `oidc.${code}`, message, hint: 'begin again' });
