import type { Random } from './ports.js';

// Crockford's base 32 in lower case: no i, l, o, u, so ids survive being read aloud.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random id of 80 bits behind a prefix that names its kind: `newId('node', random)` → `node_7c9f…`. */
export function newId(kind: string, random: Random): string {
  let text = '';
  for (const byte of random.bytes(16)) text += ALPHABET[byte & 31];
  return `${kind}_${text}`;
}
