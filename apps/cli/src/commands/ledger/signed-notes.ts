import { readFileSync } from 'node:fs';
import { NobleCrypto } from '#crypto';
import { NetfoldError, problemOf } from '#kernel';
import { type Checkpoint, openCheckpoint, parseVerifierKey, type VerifierKey } from '#merkle';

const crypto = new NobleCrypto();

/**
 * A verifier key as a person gives it: the text itself, or a file that holds it.
 * @throws NetfoldError `note.bad_key`
 */
export function keyOf(text: string): VerifierKey {
  const isKey = /^[^+/]+\/[^+]+\+[0-9a-f]{8}\+/.test(text);
  return parseVerifierKey(crypto, isKey ? text.trim() : read(text, '--key').trim());
}

/** @throws NetfoldError `note.…`, `checkpoint.…` */
export const checkpointIn = (note: string, key: VerifierKey): Checkpoint => openCheckpoint(crypto, note, key);

/**
 * The checkpoints in files, each verified with the key that has its name.
 * @throws NetfoldError `note.…`, `checkpoint.…`, `verify.key_needed`, with the file
 */
export function checkpointsIn(files: readonly string[], keys: readonly VerifierKey[]): Checkpoint[] {
  return files.map((file) => {
    const note = read(file, '--checkpoint');
    const origin = note.split('\n')[0] ?? '';
    const key = keys.find(({ name }) => name === origin);
    if (!key) throw keyNeeded(origin, file);
    try {
      return checkpointIn(note, key);
    } catch (error) {
      throw new NetfoldError({ ...problemOf(error), where: file }, { cause: error });
    }
  });
}

function read(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'cli.cannot_read',
        message: `a file cannot be read: ${problemOf(cause).message}`,
        where: option,
        hint: 'name a file that holds the text',
      },
      { cause },
    );
  }
}

const keyNeeded = (origin: string, where: string): NetfoldError =>
  new NetfoldError({
    code: 'verify.key_needed',
    message: `a checkpoint of ${JSON.stringify(origin.slice(0, 100))} proves nothing without the key of that name`,
    where,
    hint: 'name it with --key; it was printed by: netfold checkpoint --key',
  });
