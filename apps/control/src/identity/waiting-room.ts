import { createHash, randomBytes } from 'node:crypto';
import { NetfoldError } from '#kernel';

/** Something that waits for a person to say yes or no, in a browser. */
export interface Waiting<About> {
  /** What the person is shown, and types or follows: not a secret. */
  readonly code: string;
  readonly about: About;
  /** The address that it came from. */
  readonly from: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

/** What a person has said. */
export type Verdict = { readonly userId: string; readonly tailnetId: string } | 'denied';

interface Entry<About> extends Waiting<About> {
  readonly expiresAt: number;
  verdict: Verdict | undefined;
  readonly decided: PromiseWithResolvers<void>;
}

const LIFETIME = 10 * 60_000;
const CAPACITY = 2_000;
const CAPACITY_PER_ADDRESS = 50;

// Without vowels and what looks alike (RFC 8628, 6.1).
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LETTERS = 12;

/**
 * Those who wait for a person, known to themselves by a secret and to the person by a code. Kept in memory: after a
 * restart they begin again.
 */
export class WaitingRoom<About> {
  /** By the hash of the secret, oldest first. */
  readonly #bySecret = new Map<string, Entry<About>>();
  readonly #byCode = new Map<string, string>();

  constructor(private readonly now: () => number) {}

  /**
   * Lets somebody wait.
   * @returns the secret that they ask with
   * @throws NetfoldError `login.too_many`
   */
  enter(about: About, from: string): { readonly secret: string; readonly code: string; readonly expiresAt: number } {
    this.#sweep();
    const same = [...this.#bySecret.values()].filter((entry) => entry.from === from).length;
    if (same >= CAPACITY_PER_ADDRESS || this.#bySecret.size >= CAPACITY) throw tooMany();
    const secret = randomBytes(32).toString('base64url');
    const code = newCode();
    const since = this.now();
    const expiresAt = since + LIFETIME;
    const decided = Promise.withResolvers<void>();
    this.#bySecret.set(hashOf(secret), { code, about, from, since, expiresAt, verdict: undefined, decided });
    this.#byCode.set(code, hashOf(secret));
    return { secret, code, expiresAt };
  }

  /** Who waits under a code, however it is written; undefined when nobody does any more. */
  find(code: string): Waiting<About> | undefined {
    const entry = this.#entry(code);
    return entry?.verdict === undefined ? entry : undefined;
  }

  /** Says yes or no, once. @throws NetfoldError `login.unknown_code` */
  decide(code: string, verdict: Verdict): void {
    const entry = this.#entry(code);
    if (!entry || entry.verdict !== undefined) throw unknownCode();
    entry.verdict = verdict;
    entry.decided.resolve();
  }

  /** What they wait for, to whoever knows the secret. @throws NetfoldError `login.unknown_code` */
  about(secret: string): About {
    return this.#ofSecret(secret).about;
  }

  /**
   * What the person has said; undefined when they have not within `patience` milliseconds. A yes is good once.
   * @throws NetfoldError `login.unknown_code`, `login.denied`
   */
  async verdict(secret: string, patience: number): Promise<Exclude<Verdict, 'denied'> | undefined> {
    const entry = this.#ofSecret(secret);
    if (entry.verdict === undefined) await Promise.race([entry.decided.promise, pause(patience)]);
    const { verdict } = entry;
    if (verdict === undefined) return undefined;
    this.#bySecret.delete(hashOf(secret));
    this.#byCode.delete(entry.code);
    if (verdict === 'denied') throw denied();
    return verdict;
  }

  #ofSecret(secret: string): Entry<About> {
    const entry = this.#bySecret.get(hashOf(secret));
    if (entry && entry.expiresAt > this.now()) return entry;
    throw unknownCode();
  }

  #entry(code: string): Entry<About> | undefined {
    const letters = code.toUpperCase().replace(/[^A-Z]/g, '');
    const entry = this.#bySecret.get(this.#byCode.get(spelled(letters)) ?? '');
    return entry && entry.expiresAt > this.now() ? entry : undefined;
  }

  #sweep(): void {
    for (const [hash, { code, expiresAt }] of this.#bySecret) {
      if (expiresAt > this.now()) return; // the rest came later
      this.#bySecret.delete(hash);
      this.#byCode.delete(code);
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

const newCode = (): string =>
  spelled(Array.from(randomBytes(CODE_LETTERS), (byte) => LETTERS.charAt(byte % LETTERS.length)).join(''));

const spelled = (letters: string): string => letters.match(/.{1,4}/g)?.join('-') ?? '';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const tooMany = (): NetfoldError =>
  new NetfoldError({
    code: 'login.too_many',
    message: 'too many are waiting for somebody to let them in',
    hint: 'try again in some minutes',
  });

const unknownCode = (): NetfoldError =>
  new NetfoldError({
    code: 'login.unknown_code',
    message: 'nobody is waiting under this code any more',
    hint: 'begin again: the code is good for ten minutes, and once',
  });

const denied = (): NetfoldError =>
  new NetfoldError({ code: 'login.denied', message: 'somebody has said no', hint: 'ask whoever it was' });
