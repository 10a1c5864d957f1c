import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Records } from '#coordination';

/** Somebody who has signed in. */
export interface Session {
  readonly tailnetId: string;
  readonly userId: string;
  /** Of the tailnet when the session began: with an older state nothing can be said about the user. */
  readonly revision: number;
  /** Proves that a form was sent from a page of this session. */
  readonly formToken: string;
  /** What the browser is to hold from now on, when that is something new. */
  readonly renewed?: string;
}

/** A session as it is kept; times are milliseconds since the Unix epoch. */
export type KeptSession = {
  readonly tailnetId: string;
  readonly userId: string;
  readonly revision: number;
  readonly began: number;
  readonly issued: number;
  readonly ends: number;
};

/** A person signs in again after so long at the latest, in milliseconds. */
const LIFETIME = 12 * 3_600_000;
/** What the browser holds is another thing after so long. */
const ROTATE_AFTER = 15 * 60_000;
/** Requests that were under way come with the old one. */
const GRACE = 60_000;

/** Who has signed in where. Hashes are kept only, so that whoever reads them cannot take a session over. */
export class Sessions {
  /** @param pepper of the proofs in forms */
  constructor(
    private readonly records: Records<KeptSession>,
    private readonly pepper: Uint8Array,
    private readonly now: () => number,
  ) {}

  /** Begins a session; answers what the browser is to hold. @param revision of the tailnet, at which the user is known */
  begin(tailnetId: string, userId: string, revision: number): Promise<string> {
    const began = this.now();
    return this.#issue({ tailnetId, userId, revision, began, issued: began, ends: began + LIFETIME });
  }

  /** The session of whoever holds this; undefined when it has ended. */
  async find(token: string): Promise<Session | undefined> {
    const kept = await this.records.find(hashOf(token));
    if (!kept) return undefined;
    const { tailnetId, userId, revision, began, issued, ends } = kept;
    const formToken = createHmac('sha256', this.pepper).update(`${tailnetId} ${userId} ${began}`).digest('base64url');
    const isOld = this.now() - issued >= ROTATE_AFTER && ends - this.now() > GRACE;
    const renewed = isOld ? await this.#rotate(token, kept) : undefined;
    return { tailnetId, userId, revision, formToken, ...(renewed !== undefined && { renewed }) };
  }

  async end(token: string): Promise<void> {
    await this.records.update(hashOf(token), () => 'gone');
  }

  /** A session that ended meanwhile is not brought back. */
  async #rotate(token: string, kept: KeptSession): Promise<string | undefined> {
    const ends = this.now() + GRACE;
    const shorten = (known: KeptSession | undefined) => known && { value: { ...known, ends }, expiresAt: ends };
    if (!(await this.records.update(hashOf(token), shorten))) return undefined;
    return this.#issue({ ...kept, issued: this.now() });
  }

  async #issue(session: KeptSession): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.records.update(hashOf(token), () => ({ value: session, expiresAt: session.ends }));
    return token;
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
