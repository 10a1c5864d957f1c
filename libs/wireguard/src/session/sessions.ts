import type { Keypair } from './keypair.js';

/** Sessions kept for what is still under way after their successor took over. */
const MAX_PREVIOUS = 3;

/**
 * The sessions with one peer (6.3, and "key rotation" of 6.2): one to send on, one that the peer has yet to confirm,
 * and older ones that still receive. The paper keeps a single older one; more of them, each within its own
 * lifetime, let two handshakes in quick succession (both sides at once, or a key rotation) lose no packet.
 *
 * Methods that displace sessions return them, for the caller to release.
 */
export class Sessions {
  private sending: Keypair | undefined;
  private unconfirmed: Keypair | undefined;
  private older: Keypair[] = [];

  /** The session to send on. */
  get current(): Keypair | undefined {
    return this.sending;
  }

  /** Whether the peer has yet to send on the session that its last initiation was answered with. */
  get awaitsConfirmation(): boolean {
    return this.unconfirmed !== undefined;
  }

  /** After a response: the peer has the keys already, so send on them at once. */
  installInitiated(keypair: Keypair): Keypair[] {
    const displaced = this.retire(this.sending, this.unconfirmed);
    this.unconfirmed = undefined;
    this.sending = keypair;
    return displaced;
  }

  /** After answering an initiation: the peer may never get the answer, so wait for its first message. */
  installResponded(keypair: Keypair): Keypair[] {
    const displaced = this.unconfirmed ? [this.unconfirmed] : [];
    this.unconfirmed = keypair;
    return displaced;
  }

  isUnconfirmed(keypair: Keypair): boolean {
    return this.unconfirmed === keypair;
  }

  /** The peer has sent on the unconfirmed session: from now on so do we. */
  confirm(): Keypair[] {
    const displaced = this.retire(this.sending);
    this.sending = this.unconfirmed;
    this.unconfirmed = undefined;
    return displaced;
  }

  /** Takes out what has outlived its time. */
  expire(now: number): Keypair[] {
    return this.removeWhere((keypair) => now >= keypair.expiresAt);
  }

  clear(): Keypair[] {
    return this.removeWhere(() => true);
  }

  /** When `expire` will next find something, in ms; Infinity without sessions. */
  nextExpiry(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.all().map((keypair) => keypair.expiresAt));
  }

  all(): Keypair[] {
    return [this.sending, this.unconfirmed, ...this.older].filter((keypair) => keypair !== undefined);
  }

  private retire(...keypairs: (Keypair | undefined)[]): Keypair[] {
    this.older = [...keypairs.filter((keypair) => keypair !== undefined), ...this.older];
    return this.older.splice(MAX_PREVIOUS);
  }

  private removeWhere(condition: (keypair: Keypair) => boolean): Keypair[] {
    const removed = this.all().filter(condition);
    if (this.sending && condition(this.sending)) this.sending = undefined;
    if (this.unconfirmed && condition(this.unconfirmed)) this.unconfirmed = undefined;
    this.older = this.older.filter((keypair) => !condition(keypair));
    return removed;
  }
}
