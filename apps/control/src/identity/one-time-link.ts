import { createHmac } from 'node:crypto';
import { equalBytes, NetfoldError } from '#kernel';
import type { ServerSecret } from '../auth/server-secret.js';
import type { Spent } from './spent.js';

/** How long the owner's link is good, in milliseconds. */
const LIFETIME = 24 * 3_600_000;

/**
 * The way in for whoever runs the server, without any issuer: a link that is good once, for a day. It is made of the server's
 * secret and the time, so that a restart does not make it void; what is kept is which ones were used.
 */
export class OneTimeLinks {
  /** @param secret that only this server knows @param spent remembers which were used */
  constructor(
    private readonly secret: Uint8Array,
    private readonly spent: Spent,
    private readonly now: () => number,
  ) {}

  /** The tailnet whose owner a token signs in. @throws NetfoldError `login.bad_link` */
  async check(token: string): Promise<string> {
    const { tailnetId, mark } = this.#read(token);
    if (await this.spent.isSpent(mark)) throw badLink();
    return tailnetId;
  }

  /** The same, and never again. @throws NetfoldError `login.bad_link` */
  async redeem(token: string): Promise<string> {
    const { tailnetId, mark, expiresAt } = this.#read(token);
    if (!(await this.spent.spend(mark, expiresAt))) throw badLink();
    return tailnetId;
  }

  #read(token: string): { readonly tailnetId: string; readonly expiresAt: number; readonly mark: string } {
    const [body = '', mac = ''] = token.split('.');
    if (!equalBytes(macOf(this.secret, body), Buffer.from(mac, 'base64url'))) throw badLink();
    const [tailnetId, expiresAt] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [string, number];
    if (expiresAt <= this.now()) throw badLink();
    return { tailnetId, expiresAt, mark: `link ${body}` };
  }
}

/** The path of a link that signs in as the owner of a tailnet, made by whoever has the server's files. @param now milliseconds since the Unix epoch */
export const ownerLinkPath = (secrets: ServerSecret, tailnetId: string, now: number): string =>
  `/login/once/${signed(linkSecret(secrets), [tailnetId, now + LIFETIME])}`;

/** What the links of a server are signed with. */
export const linkSecret = (secrets: ServerSecret): Uint8Array => secrets.derive('links that are good once');

function signed(secret: Uint8Array, content: readonly [tailnetId: string, expiresAt: number]): string {
  const body = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${body}.${macOf(secret, body).toString('base64url')}`;
}

const macOf = (secret: Uint8Array, body: string): Buffer => createHmac('sha256', secret).update(body).digest();

const badLink = (): NetfoldError =>
  new NetfoldError({
    code: 'login.bad_link',
    message: 'this link has been used, or is too old',
    hint: 'make another one where the server runs: netfold server link',
  });
