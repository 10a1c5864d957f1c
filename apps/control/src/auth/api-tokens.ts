import type { Actor } from '#event-store';
import { equalBytes, NetfoldError, utf8 } from '#kernel';
import type { Role } from '#policy';
import type { ApiToken, TailnetState } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { hashSecret, parseApiToken } from './credential-text.js';

/** Who speaks, proven by an API token. */
export interface Principal {
  readonly tailnet: Tailnet;
  readonly actor: Actor;
  /** The token's, and that of the user whom it acts for: it does what all of them allow. */
  readonly roles: readonly Role[];
  /** That user's id. */
  readonly person: string | undefined;
}

/**
 * Whose token this is.
 * @param now milliseconds since the Unix epoch
 * @param from the address that the request came from
 * @throws NetfoldError `auth.no_token`, `auth.bad_token`, `auth.token_expired`, `auth.token_revoked`, `auth.suspended`;
 * `tailnet.paused` when the token may be in what cannot be read of the ledger
 */
export function principalOf(tailnets: Tailnets, header: string | undefined, now: number, from: string): Principal {
  const [scheme, text] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || !text) throw refused('no_token', 'this request carries no API token');
  const parts = parseApiToken(text);
  const tailnet = parts && tailnets.find(parts.tailnetId);
  const token = tailnet?.fold.state.apiTokens.get(parts?.tokenId ?? '');
  if (!token && tailnet?.paused) throw cannotTell();
  if (!parts || !tailnet || !token || !equalBytes(utf8(hashSecret(parts.secret)), utf8(token.secretHash))) {
    throw refused('bad_token', 'this API token is not one of this server');
  }
  if (token.revoked) throw refused('token_revoked', `the API token ${token.id} is revoked`);
  if (token.expiresAt !== null && token.expiresAt <= now) {
    throw refused('token_expired', `the API token ${token.id} has expired`);
  }
  const name = token.description ? { name: token.description } : {};
  const roles = [token.role, ...personalRole(tailnet.fold.state, token)];
  return { tailnet, roles, person: token.userId, actor: { kind: 'token', id: token.id, ...name, from } };
}

/** Of the user whom a token acts for; none when it acts for nobody. */
function personalRole({ users }: TailnetState, { id, userId }: ApiToken): Role[] {
  if (userId === undefined) return [];
  const user = users.get(userId);
  if (!user) throw refused('token_revoked', `the user whom the API token ${id} acted for was removed`);
  if (!user.suspended) return [user.role];
  throw new NetfoldError({
    code: 'auth.suspended',
    message: `${user.login}, whom this API token acts for, is suspended`,
    hint: 'ask an admin to resume the user',
  });
}

const refused = (code: string, message: string): NetfoldError =>
  new NetfoldError({
    code: `auth.${code}`,
    message,
    where: 'Authorization',
    hint: 'send "Authorization: Bearer nfa_…"; the first token was printed when the server started for the first time',
  });

const cannotTell = (): NetfoldError =>
  new NetfoldError({
    code: 'tailnet.paused',
    message: 'the tailnet of this API token stands still, and this token is not in what could be read of its ledger',
    hint: 'the log of the server says why',
  });
