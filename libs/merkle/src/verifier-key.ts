import type { Crypto } from '#crypto';
import { concatBytes, equalBytes, fromBase64, fromHex, NetfoldError, toBase64, toHex, utf8 } from '#kernel';

/** A public key and the name that it signs under. */
export interface VerifierKey {
  readonly name: string;
  /** 4 bytes that name the key in signatures. */
  readonly id: Uint8Array;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** The signature type Ed25519 (c2sp.org/signed-note, "Signature types"). */
const ED25519 = 0x01;

/** @throws NetfoldError `note.bad_key` when nobody may be called so: empty, with a space or a plus */
export function verifierKey(crypto: Pick<Crypto, 'sha256'>, name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw badKey(name, 'a name may not be empty, nor have spaces, plus or control characters');
  const hash = crypto.sha256(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey);
  return { name, id: hash.slice(0, 4), publicKey };
}

/** The text form of a verifier key: `name+id+key`, the id in hexadecimal, the key in base64 behind its type. */
export const formatVerifierKey = ({ name, id, publicKey }: VerifierKey): string =>
  `${name}+${toHex(id)}+${toBase64(concatBytes(Uint8Array.of(ED25519), publicKey))}`;

/**
 * Reads what `formatVerifierKey` writes.
 * @throws NetfoldError `note.bad_key`
 */
export function parseVerifierKey(crypto: Pick<Crypto, 'sha256'>, text: string): VerifierKey {
  const [, name = '', hexId = '', base64 = ''] = /^([^+]*)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const typed = fromBase64(base64);
  if (typed?.length !== 33 || toBase64(typed) !== base64) throw badKey(text, 'it is not name+id+key');
  if (typed[0] !== ED25519) throw badKey(text, `keys of type ${typed[0]} are not known`);
  const key = verifierKey(crypto, name, typed.slice(1));
  if (!equalBytes(key.id, fromHex(hexId) ?? new Uint8Array())) throw badKey(text, 'the id does not belong to the key');
  return key;
}

/** Whether a text may name a key. */
export const isKeyName = (name: string): boolean => /^[^\s\p{Z}\p{Cc}+]+$/u.test(name) && name.isWellFormed();

const badKey = (text: string, why: string): NetfoldError =>
  new NetfoldError({
    code: 'note.bad_key',
    message: `${JSON.stringify(text.slice(0, 200))} is no verifier key: ${why}`,
    hint: 'it looks like netfold/tailnet-NAME+1a2b3c4d+AQ…; see: netfold checkpoint --key',
  });
