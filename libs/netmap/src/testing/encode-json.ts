import { sha256 } from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize';
import { concatBytes, utf8 } from '#kernel';
import type { EncodedItem } from '../digest.js';
import { type Item, keyOf } from '../item.js';

const encoded = new WeakMap<Item, EncodedItem>();

/** An `Encoder` of canonical JSON. */
export function encodeJson(item: Item): EncodedItem {
  const known = encoded.get(item);
  if (known) return known;
  const bytes = utf8(canonicalize(item) ?? '');
  const fresh = { bytes, hash: sha256(concatBytes(utf8(`${keyOf(item)}\0`), bytes)) };
  encoded.set(item, fresh);
  return fresh;
}
