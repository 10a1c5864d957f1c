import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetfoldError } from '#kernel';
import { makeStateDir } from '../start/state-dir.js';
import { readSharedSecret, SECRET_BYTES } from './shared-secret.js';

/** The file in the state directory. */
export const SECRET_FILE = 'server-secret';
// Crockford's base 32 in lower case, as ids have it.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The secret that everything is derived from which this server must be able to say again: the same request repeated
 * gives the same auth key, and a nonce is known again after it was forgotten.
 */
export class ServerSecret {
  constructor(private readonly key: Uint8Array) {}

  /** 32 bytes for one purpose. */
  derive(purpose: string, ...context: readonly string[]): Uint8Array {
    const mac = createHmac('sha256', this.key);
    for (const part of [purpose, ...context]) mac.update(`${Buffer.byteLength(part)}:${part}`);
    return mac.digest();
  }

  /** A text of 5 bits a character, for one purpose. @param length at most 32 */
  deriveText(length: number, purpose: string, ...context: readonly string[]): string {
    return Array.from(this.derive(purpose, ...context).subarray(0, length), (byte) => ALPHABET[byte & 31]).join('');
  }
}

/**
 * Reads the secret of a server. In a state directory it is made on the first start.
 * @param secretFile of the secret that several replicas share, instead of that one; it must be there
 * @throws NetfoldError `state.unusable`, `secret.…`
 */
export function loadServerSecret(stateDir: string, secretFile?: string): ServerSecret {
  if (secretFile !== undefined) return new ServerSecret(readSharedSecret(secretFile));
  const file = join(stateDir, SECRET_FILE);
  makeStateDir(stateDir);
  try {
    const key = existsSync(file) ? readFileSync(file) : createSecret(file);
    if (key.length === SECRET_BYTES) return new ServerSecret(key);
    throw new Error(`it has ${key.length} bytes instead of ${SECRET_BYTES}`);
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'state.unusable',
        message: `the server's secret cannot be used: ${cause instanceof Error ? cause.message : cause}`,
        where: file,
        hint: 'give a state directory that this user may write to; restore the file from a backup if it was damaged',
      },
      { cause },
    );
  }
}

/**
 * The secret of a server that has started before.
 * @param secretFile as for `loadServerSecret`
 * @throws NetfoldError `state.unusable`, `secret.…`
 */
export function knownServerSecret(stateDir: string, secretFile?: string): ServerSecret {
  if (secretFile !== undefined || existsSync(join(stateDir, SECRET_FILE)))
    return loadServerSecret(stateDir, secretFile);
  throw new NetfoldError({
    code: 'state.unusable',
    message: 'no server has started here yet',
    where: stateDir,
    hint: 'name the state directory of the server: --state-dir FOLDER',
  });
}

/** Whole or not at all: a secret that a crash cut short would lock everybody out. */
function createSecret(file: string): Buffer {
  const key = randomBytes(SECRET_BYTES);
  const draft = `${file}.new`;
  writeFileSync(draft, key, { mode: 0o600, flush: true });
  renameSync(draft, file);
  return key;
}
