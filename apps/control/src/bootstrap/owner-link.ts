import type { ServerSecret } from '../auth/server-secret.js';
import { ownerLinkPath } from '../identity/one-time-link.js';
import { firstTailnetId } from './first-token.js';

/**
 * A link that signs in as the owner of the network, once, within a day: for whoever may read the server's files.
 * @param url where people reach the server @param now milliseconds since the Unix epoch
 */
export function ownerLink(secrets: ServerSecret, url: string, now: number): string {
  return `${url.replace(/\/+$/, '')}${ownerLinkPath(secrets, firstTailnetId(secrets), now)}`;
}
