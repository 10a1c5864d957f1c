import { hash } from 'node:crypto';
import { toBase64 } from '#kernel';

const AUTH_KEY = 'nfk';
const API_TOKEN = 'nfa';

export const formatAuthKey = (keyId: string, secret: string): string => [AUTH_KEY, keyId, secret].join('_');

export const formatApiToken = (tailnetId: string, tokenId: string, secret: string): string =>
  [API_TOKEN, tailnetId, tokenId, secret].join('_');

/** The parts of an auth key, or undefined when the text is not one. */
export function parseAuthKey(text: string): { readonly keyId: string; readonly secret: string } | undefined {
  const [kind, keyId, secret, ...rest] = text.trim().split('_');
  return kind === AUTH_KEY && keyId && secret && rest.length === 0 ? { keyId, secret } : undefined;
}

/** The parts of an API token, or undefined when the text is not one. */
export function parseApiToken(
  text: string,
): { readonly tailnetId: string; readonly tokenId: string; readonly secret: string } | undefined {
  const [kind, tailnetId, tokenId, secret, ...rest] = text.trim().split('_');
  if (kind !== API_TOKEN || !tailnetId || !tokenId || !secret || rest.length > 0) return undefined;
  return { tailnetId, tokenId, secret };
}

/** What the ledger keeps of a secret. Secrets have 160 random bits, so a plain hash cannot be searched. */
export const hashSecret = (secret: string): string => toBase64(hash('sha256', secret, 'buffer'));
