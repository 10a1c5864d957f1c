import { knownServerSecret } from '../auth/server-secret.js';
import { ownerLinkPath } from '../identity/one-time-link.js';
import { firstTailnetId } from './first-token.js';

/**
 * A link that signs in as the owner of the network, once, within a day: for whoever may read the server's files.
 * @param url where people reach the server @param now milliseconds since the Unix epoch
 * @throws NetfoldError `state.unusable`
 */
export function ownerLink(stateDir: string, url: string, now: number): string {
  const secrets = knownServerSecret(stateDir);
  return `${url.replace(/\/+$/, '')}${ownerLinkPath(secrets, firstTailnetId(secrets), now)}`;
}
