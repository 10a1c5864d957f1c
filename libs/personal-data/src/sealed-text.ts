import { aessiv } from '@noble/ciphers/aes.js';
import { fromBase64, fromUtf8, toBase64, utf8 } from '#kernel';
import type { PersonKey, PersonKeys } from './person-keys.js';

/** An e-mail address wherever it stands in a text: in a list, a policy file, a comment. Bounded, so that no text is slow. */
const EMAIL = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}/gu;

/** What `sealText` wrote: a doubled bracket, which is one that was in the text, or a sealed part. */
const SEALED = /⟦(?:⟦|([a-z0-9]{1,32}):([A-Za-z0-9+/=]+)⟧)/g;

/** The text with every e-mail address sealed under its owner's key. `openText` gives the very same text back. */
export function sealText(text: string, keys: Pick<PersonKeys, 'of'>): string {
  const escaped = text.includes('⟦') ? text.replaceAll('⟦', '⟦⟦') : text;
  return escaped.includes('@') ? escaped.replace(EMAIL, (email) => sealWhole(email, keys.of(email))) : escaped;
}

/**
 * One text sealed as a whole: `⟦person:ciphertext⟧`. AES-SIV (RFC 5297) needs no nonce, so the same text of the same person is
 * always sealed the same way and an append can be repeated exactly; whose it is can be seen anyway.
 */
export function sealWhole(text: string, { id, secret }: PersonKey): string {
  return `⟦${id}:${toBase64(aessiv(secret, utf8(id)).encrypt(utf8(text)))}⟧`;
}

/** The text as it was before `sealText`; what belonged to an erased person reads as `erasedName`. */
export function openText(text: string, keys: Pick<PersonKeys, 'find'>): string {
  if (!text.includes('⟦')) return text;
  return text.replace(SEALED, (_, id: string | undefined, sealed: string | undefined) =>
    id === undefined ? '⟦' : openPart(id, sealed ?? '', keys),
  );
}

/** What stands in the place of a person who was erased: an address under a name that never resolves (RFC 2606, 2). */
export const erasedName = (personId: string): string => `erased-${personId}@erased.invalid`;

function openPart(id: string, sealed: string, keys: Pick<PersonKeys, 'find'>): string {
  const key = keys.find(id);
  const bytes = fromBase64(sealed);
  if (!key || !bytes) return erasedName(id);
  try {
    return fromUtf8(aessiv(key.secret, utf8(id)).decrypt(bytes));
  } catch {
    // It was sealed under another key, or was changed since; the event's hash says which.
    return erasedName(id);
  }
}
