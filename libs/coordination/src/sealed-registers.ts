import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { NetfoldError } from '#kernel';
import type { Registers } from './registers.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Registers whose values are sealed on their way to the store (AES-256-GCM, under a random nonce, bound to the name): who can
 * read the store, or its backups, cannot read them, and cannot put one in the place of another.
 * @param key 32 bytes
 */
export function sealedRegisters(registers: Registers, key: Uint8Array): Registers {
  return {
    read: async (name) => {
      const found = await registers.read(name);
      return found && { version: found.version, value: opened(key, name, found.value) };
    },
    write: (name, expectedVersion, value) => registers.write(name, expectedVersion, sealed(key, name, value)),
    delete: (name, expectedVersion) => registers.delete(name, expectedVersion),
    names: (prefix) => registers.names(prefix),
    close: () => registers.close(),
  };
}

function sealed(key: Uint8Array, name: string, value: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function opened(key: Uint8Array, name: string, text: string): string {
  const bytes = Buffer.from(text, 'base64');
  try {
    const opener = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([opener.update(body), opener.final()]).toString('utf8');
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'register.not_ours',
        message: `what the register ${name} holds was not sealed with the secret of this server, or was changed since`,
        where: name,
        hint: 'give all replicas the same secret; if they have it, restore the store from a backup',
      },
      { cause },
    );
  }
}
