import type { Crypto } from '#crypto';
import { fromBase64, NetfoldError, toBase64 } from '#kernel';
import { type NoteSigner, openNote, signNote } from './note.js';
import { HASH_LENGTH } from './tree-hasher.js';
import type { VerifierKey } from './verifier-key.js';
import type { TreeHead } from './verify-proofs.js';

/** What a log says about itself at one size (c2sp.org/tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  /** Names the log; the key that signs for it has the same name. */
  readonly origin: string;
}

/** The checkpoint as a signed note. */
export const signCheckpoint = ({ size, root }: TreeHead, signer: NoteSigner): string =>
  signNote(`${signer.key.name}\n${size}\n${toBase64(root)}\n`, signer);

/**
 * The checkpoint in a note that `key` has signed.
 * @throws NetfoldError `note.…`, `checkpoint.malformed`, `checkpoint.wrong_origin`
 */
export function openCheckpoint(crypto: Pick<Crypto, 'verify'>, note: string, key: VerifierKey): Checkpoint {
  const checkpoint = checkpointOf(openNote(crypto, note, [key]));
  if (checkpoint.origin === key.name) return checkpoint;
  throw new NetfoldError({
    code: 'checkpoint.wrong_origin',
    message: `the checkpoint speaks of ${checkpoint.origin}; the key is for ${key.name}`,
    hint: 'check that checkpoint and key belong to the same network',
  });
}

/** Reads the text of a note: origin, size, root, and further lines that say nothing to us. */
function checkpointOf(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n');
  const bytes = fromBase64(root);
  if (origin === '' || rest.includes('')) throw malformed('a line of it is empty');
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw malformed('its size is no number');
  if (bytes?.length !== HASH_LENGTH || toBase64(bytes) !== root) throw malformed('its root is no hash');
  return { origin, size: Number(size), root: bytes };
}

const malformed = (why: string): NetfoldError =>
  new NetfoldError({
    code: 'checkpoint.malformed',
    message: `the note is no checkpoint: ${why}`,
    hint: 'give the whole text of a checkpoint, as netfold checkpoint prints it',
  });
