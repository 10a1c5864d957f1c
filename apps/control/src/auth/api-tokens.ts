import type { Actor } from '#event-store';
import { equalBytes, NetfoldError, utf8 } from '#kernel';
import type { Role } from '#policy';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { hashSecret, parseApiToken } from './credential-text.js';

/** Who speaks, proven by an API token. */
export interface Principal {
  readonly tailnet: Tailnet;
  readonly actor: Actor;
  readonly role: Role;
}

/**
 * Whose token this is.
 * @param now milliseconds since the Unix epoch
 * @param from the address that the request came from
 * @throws NetfoldError `auth.no_token`, `auth.bad_token`, `auth.token_expired`, `auth.token_revoked`
 */
export function principalOf(tailnets: Tailnets, header: string | undefined, now: number, from: string): Principal {
  const [scheme, text] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || !text) throw refused('no_token', 'this request carries no API token');
  const parts = parseApiToken(text);
  const tailnet = parts && tailnets.find(parts.tailnetId);
  const token = tailnet?.fold.state.apiTokens.get(parts?.tokenId ?? '');
  if (!parts || !tailnet || !token || !equalBytes(utf8(hashSecret(parts.secret)), utf8(token.secretHash))) {
    throw refused('bad_token', 'this API token is not one of this server');
  }
  if (token.revoked) throw refused('token_revoked', `the API token ${token.id} is revoked`);
  if (token.expiresAt !== null && token.expiresAt <= now) {
    throw refused('token_expired', `the API token ${token.id} has expired`);
  }
  const name = token.description ? { name: token.description } : {};
  return { tailnet, role: token.role, actor: { kind: 'token', id: token.id, ...name, from } };
}

const refused = (code: string, message: string): NetfoldError =>
  new NetfoldError({
    code: `auth.${code}`,
    message,
    where: 'Authorization',
    hint: 'send "Authorization: Bearer nfa_…"; the first token was printed when the server started for the first time',
  });
