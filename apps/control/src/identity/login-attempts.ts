import { createHash } from 'node:crypto';
import { equalBytes, NetfoldError, utf8 } from '#kernel';
import type { Attempt } from './issuer.js';

/** A sign-in that is under way in somebody's browser. */
export interface PendingLogin extends Attempt {
  readonly issuer: string;
  /** The page that the person wanted. */
  readonly next: string;
  /** The hash of what the browser holds, so that an answer counts in that browser only (OAuth 2.0 Security BCP, RFC 9700, 4.7). */
  readonly browser: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

const LIFETIME = 10 * 60_000;
const CAPACITY = 10_000;

/** Sign-ins that have begun and not ended. Each is good once, for a while, in one browser. */
export class LoginAttempts {
  /** By state, oldest first. */
  readonly #pending = new Map<string, PendingLogin>();

  constructor(private readonly now: () => number) {}

  /** @param binding what only the browser holds */
  add(attempt: Attempt, issuer: string, next: string, binding: string): void {
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= CAPACITY && oldest !== undefined) this.#pending.delete(oldest);
    this.#pending.set(attempt.state, {
      ...attempt,
      issuer,
      next,
      browser: hashOf(binding),
      expiresAt: this.now() + LIFETIME,
    });
  }

  /**
   * The attempt that an answer is to. It cannot be answered again.
   * @throws NetfoldError `oidc.unknown_attempt`, `oidc.other_browser`
   */
  take(state: string, issuer: string, binding: string): PendingLogin {
    const attempt = this.#pending.get(state);
    this.#pending.delete(state);
    if (!attempt || attempt.expiresAt <= this.now() || attempt.issuer !== issuer) {
      throw unusable('unknown_attempt', 'this sign-in has ended, or was answered before');
    }
    if (!equalBytes(utf8(attempt.browser), utf8(hashOf(binding)))) {
      throw unusable('other_browser', 'this sign-in was begun in another browser');
    }
    return attempt;
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const unusable = (code: string, message: string): NetfoldError =>
  new NetfoldError({ code: `oidc.${code}`, message, hint: 'begin again' });
