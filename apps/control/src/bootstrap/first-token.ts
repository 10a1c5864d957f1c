import { deriveApiToken } from '../auth/derived-token.js';
import { knownServerSecret, type ServerSecret } from '../auth/server-secret.js';

/** The id of the command that issues the first API token. */
export const FIRST_TOKEN_COMMAND = 'first-start-IssueApiToken';

/** The id of the tailnet that a server makes on its first start. */
export const firstTailnetId = (secrets: ServerSecret): string => secrets.deriveText(12, 'first tailnet id');

/**
 * The first API token of the server of a state directory, for whoever may read its secret: the first start may have ended
 * before it could show it. It says nothing about whether the token was revoked since.
 * @throws NetfoldError `state.unusable`
 */
export function firstToken(stateDir: string): string {
  const secrets = knownServerSecret(stateDir);
  return deriveApiToken(secrets, firstTailnetId(secrets), FIRST_TOKEN_COMMAND).text;
}
