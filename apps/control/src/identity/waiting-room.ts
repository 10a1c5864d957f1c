import { createHash, randomBytes } from 'node:crypto';
import { type Records, systemStopwatch } from '#coordination';
import { equalBytes, type JsonValue, NetfoldError, utf8 } from '#kernel';
import { Admissions } from './admissions.js';

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

/** Who has said yes. */
export type Consent = {
  readonly userId: string;
  readonly tailnetId: string;
  /** Of the tailnet, at which the user is known. */
  readonly revision: number;
};

/** What a person has said. */
export type Verdict = Consent | 'denied';

/** Whoever waits, as all replicas know them. */
export type Entry<About extends JsonValue> = {
  readonly secretHash: string;
  readonly about: About;
  readonly from: string;
  readonly since: number;
  readonly expiresAt: number;
  readonly verdict?: Verdict;
};

const LIFETIME = 10 * 60_000;
/** How often it is looked whether another replica has heard the verdict, in milliseconds. */
const LOOK_MS = 400;

// Without vowels and what looks alike (RFC 8628, 6.1).
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LETTERS = 12;

/**
 * Those who wait for a person, known to themselves by a secret and to the person by a code, whichever replica they ask and
 * the person comes to.
 */
export class WaitingRoom<About extends JsonValue> {
  readonly #admissions: Admissions;
  /** What ends the pauses of those who wait here, by code. */
  readonly #heard = new Map<string, AbortController>();

  constructor(
    private readonly records: Records<Entry<About>>,
    private readonly now: () => number,
  ) {
    this.#admissions = new Admissions(now);
  }

  /**
   * Lets somebody wait.
   * @returns the secret that they ask with
   * @throws NetfoldError `login.too_many`
   */
  async enter(
    about: About,
    from: string,
  ): Promise<{ readonly secret: string; readonly code: string; readonly expiresAt: number }> {
    const key = randomBytes(32).toString('base64url');
    const code = newCode();
    const since = this.now();
    const expiresAt = since + LIFETIME;
    this.#admissions.admit(code, from, expiresAt);
    const entry = { secretHash: hashOf(key), about, from, since, expiresAt };
    await this.records.update(code, () => ({ value: entry, expiresAt }));
    return { secret: `${code}.${key}`, code, expiresAt };
  }

  /** Who waits under a code, however it is written; undefined when nobody does any more. */
  async find(code: string): Promise<Waiting<About> | undefined> {
    const letters = lettersOf(code);
    const entry = await this.records.find(letters);
    return entry && entry.verdict === undefined ? { ...entry, code: letters } : undefined;
  }

  /** Says yes or no, once. @throws NetfoldError `login.unknown_code` */
  async decide(code: string, verdict: Verdict): Promise<void> {
    const letters = lettersOf(code);
    await this.records.update(letters, (entry) => {
      if (!entry || entry.verdict !== undefined) throw unknownCode();
      return { value: { ...entry, verdict }, expiresAt: entry.expiresAt };
    });
    this.#heard.get(letters)?.abort();
  }

  /** What they wait for, to whoever knows the secret. @throws NetfoldError `login.unknown_code` */
  async about(secret: string): Promise<About> {
    return (await this.#entry(secret)).about;
  }

  /**
   * What the person has said; undefined when they have not within `patience` milliseconds. A yes is good once.
   * @throws NetfoldError `login.unknown_code`, `login.denied`
   */
  async verdict(secret: string, patience: number): Promise<Consent | undefined> {
    const code = codeIn(secret);
    const entry = await this.#decided(secret, performance.now() + patience);
    if (entry.verdict === undefined) return undefined;
    if (!(await this.records.update(code, () => 'gone'))) throw unknownCode();
    this.#admissions.done(code);
    if (entry.verdict === 'denied') throw denied();
    return entry.verdict;
  }

  /** As soon as there is a verdict; at the latest at this time. */
  async #decided(secret: string, until: number): Promise<Entry<About>> {
    const code = codeIn(secret);
    try {
      for (;;) {
        const heard = this.#listen(code);
        const entry = await this.#entry(secret);
        const left = until - performance.now();
        if (entry.verdict !== undefined || left <= 0) return entry;
        await systemStopwatch.pause(Math.min(LOOK_MS, left), heard);
      }
    } finally {
      this.#heard.delete(code);
    }
  }

  /** Comes when somebody has decided here. */
  #listen(code: string): AbortSignal {
    const heard = this.#heard.get(code) ?? new AbortController();
    this.#heard.set(code, heard);
    return heard.signal;
  }

  async #entry(secret: string): Promise<Entry<About>> {
    const entry = await this.records.find(codeIn(secret));
    if (entry && equalBytes(utf8(entry.secretHash), utf8(hashOf(secret.split('.')[1] ?? '')))) return entry;
    throw unknownCode();
  }
}

const codeIn = (secret: string): string => secret.split('.')[0] ?? '';

const newCode = (): string =>
  spelled(Array.from(randomBytes(CODE_LETTERS), (byte) => LETTERS.charAt(byte % LETTERS.length)).join(''));

const lettersOf = (code: string): string => spelled(code.toUpperCase().replace(/[^A-Z]/g, ''));

const spelled = (letters: string): string => letters.match(/.{1,4}/g)?.join('-') ?? '';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

const unknownCode = (): NetfoldError =>
  new NetfoldError({
    code: 'login.unknown_code',
    message: 'nobody is waiting under this code any more',
    hint: 'begin again: the code is good for ten minutes, and once',
  });

const denied = (): NetfoldError =>
  new NetfoldError({ code: 'login.denied', message: 'somebody has said no', hint: 'ask whoever it was' });
