import { formatApiToken } from './credential-text.js';
import type { ServerSecret } from './server-secret.js';

/** An API token, and what it is made of. */
export interface DerivedToken {
  readonly tokenId: string;
  readonly secret: string;
  readonly text: string;
}

/** The API token that a command makes: the same command makes the same token. */
export function deriveApiToken(secrets: ServerSecret, tailnetId: string, commandId: string): DerivedToken {
  const tokenId = secrets.deriveText(12, 'api token id', tailnetId, commandId);
  const secret = secrets.deriveText(32, 'api token secret', tailnetId, commandId);
  return { tokenId, secret, text: formatApiToken(tailnetId, tokenId, secret) };
}
