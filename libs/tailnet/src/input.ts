import { fromBase64, type Problem } from '#kernel';

/** A key or a SHA-256 hash. */
const KEY_BYTES = 32;

/** The problem with an id that others will refer to, if there is one. */
export function badId(id: string, where: string): Problem | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(id)) return undefined;
  const hint = 'use 1 to 128 letters, digits, dots, dashes, underscores and colons';
  return { code: 'input.bad_id', message: `${JSON.stringify(id)} is not an id`, where, hint };
}

/** The problem with the base64 of a key or a hash, if there is one. */
export function badKey(key: string, where: string): Problem | undefined {
  const bytes = fromBase64(key);
  if (bytes?.length === KEY_BYTES && bytes.some((byte) => byte !== 0)) return undefined;
  // Never show what may be a secret in the wrong place.
  return { code: 'input.bad_key', message: `this is not a key of ${KEY_BYTES} bytes in base64`, where };
}

/** The problem with a text for people, if there is one. */
export function badText(text: string, where: string, max = 255): Problem | undefined {
  if (text.length > max) return { code: 'input.too_long', message: `this is longer than ${max} characters`, where };
  if (!/\p{Cc}/u.test(text)) return undefined;
  return { code: 'input.control_characters', message: 'this has control characters in it', where };
}

/** The problem with a time at which something ends, if there is one. */
export function badDeadline(at: number | null, now: number, where: string): Problem | undefined {
  if (at === null || (Number.isSafeInteger(at) && at > now)) return undefined;
  return { code: 'input.bad_deadline', message: 'this is not a time in the future', where };
}
