import type { Crypto } from '#crypto';
import { concatBytes, equalBytes, fromBase64, NetfoldError, toBase64, utf8 } from '#kernel';
import { isKeyName, type VerifierKey, verifierKey } from './verifier-key.js';

/** Who signs notes. */
export interface NoteSigner {
  readonly key: VerifierKey;
  /** Ed25519, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** Longer ones are not read; no checkpoint comes near. */
const MAX_NOTE_LENGTH = 64 << 10;
const SIGNATURE_LENGTH = 64;

/**
 * @param seed the Ed25519 private key, 32 bytes
 * @throws NetfoldError `note.bad_key` when nobody may be called so
 */
export const noteSigner = (
  crypto: Pick<Crypto, 'sha256' | 'sign' | 'signPublicKey'>,
  name: string,
  seed: Uint8Array,
): NoteSigner => ({
  key: verifierKey(crypto, name, crypto.signPublicKey(seed)),
  sign: (message) => crypto.sign(seed, message),
});

/**
 * A text and a signature below it (c2sp.org/signed-note).
 * @param text ends with a newline
 * @throws NetfoldError `note.malformed` when it is nothing that a note can say
 */
export function signNote(text: string, { key, sign }: NoteSigner): string {
  if (!text.endsWith('\n') || !isNoteText(text)) throw malformed('the text must be lines without control characters');
  return `${text}\n— ${key.name} ${toBase64(concatBytes(key.id, sign(utf8(text))))}\n`;
}

/**
 * The text of a note that a known key has signed. Signatures of others are passed over; a wrong one under a known
 * key's name and id makes the whole note wrong.
 * @throws NetfoldError `note.malformed`, `note.bad_signature`, `note.unsigned`
 */
export function openNote(crypto: Pick<Crypto, 'verify'>, note: string, keys: readonly VerifierKey[]): string {
  const { text, signatures } = partsOf(note);
  let verified = false;
  for (const { name, id, signature } of signatures) {
    const key = keys.find((known) => known.name === name && equalBytes(known.id, id));
    if (!key) continue;
    if (signature.length !== SIGNATURE_LENGTH || !crypto.verify(key.publicKey, utf8(text), signature)) {
      throw badSignature(name);
    }
    verified = true;
  }
  if (!verified)
    throw unsigned(
      signatures.map(({ name }) => name),
      keys,
    );
  return text;
}

interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
}

function partsOf(note: string): { readonly text: string; readonly signatures: readonly NoteSignature[] } {
  if (note.length > MAX_NOTE_LENGTH) throw malformed('it is too long');
  if (!isNoteText(note)) throw malformed('it holds control characters, or text that is not Unicode');
  const end = note.lastIndexOf('\n\n');
  const lines = note.slice(end + 2).split('\n');
  if (end < 1 || lines.pop() !== '' || lines.length === 0) throw malformed('it has no signature lines');
  return { text: note.slice(0, end + 1), signatures: lines.map(signatureOf) };
}

function signatureOf(line: string): NoteSignature {
  const [, name = '', base64 = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(base64);
  if (!isKeyName(name) || !bytes || bytes.length < 5) throw malformed('a line below the text is no signature');
  return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
}

const isNoteText = (text: string): boolean => !/[^\P{Cc}\n\u007f-\u009f]/u.test(text) && text.isWellFormed();

const malformed = (why: string): NetfoldError =>
  new NetfoldError({
    code: 'note.malformed',
    message: `this is no signed note: ${why}`,
    hint: 'give the whole text of a checkpoint, as netfold checkpoint prints it',
  });

const badSignature = (name: string): NetfoldError =>
  new NetfoldError({
    code: 'note.bad_signature',
    message: `the signature of ${name} is not for this text`,
    hint: 'the note was changed, or was not signed by this key',
  });

const unsigned = (names: readonly string[], keys: readonly VerifierKey[]): NetfoldError =>
  new NetfoldError({
    code: 'note.unsigned',
    message: `the note is signed by ${names.join(', ')}, not with the key of ${keys.map(({ name }) => name).join(', ')}`,
    hint: 'check that note and key belong to the same network; see: netfold checkpoint --key',
  });
