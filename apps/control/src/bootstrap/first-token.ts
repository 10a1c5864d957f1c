import { deriveApiToken } from '../auth/derived-token.js';
import { knownServerSecret, type ServerSecret } from '../auth/server-secret.js';

/** The id of the command that issues the first API token. */
export const FIRST_TOKEN_COMMAND = 'first-start-IssueApiToken';

/** The id of the tailnet that a server makes on its first start. */
export const firstTailnetId = (secrets: ServerSecret): string => secrets.deriveText(12, 'first tailnet id');

/**
 * The first API token of a server, for whoever may read its secret: the first start may have ended before it could show it. It
 * says nothing about whether the token was revoked since.
 * @param secretFile as for `loadServerSecret`
 * @throws NetfoldError `state.unusable`, `secret.…`
 */
export function firstToken(stateDir: string, secretFile?: string): string {
  const secrets = knownServerSecret(stateDir, secretFile);
  return deriveApiToken(secrets, firstTailnetId(secrets), FIRST_TOKEN_COMMAND).text;
}
