import { NetfoldError } from '#kernel';
import type { Registers } from './registers.js';
import { openText, sealText } from './sealed-text.js';

/**
 * Registers whose values are sealed on their way to the store, bound to the name: who can
 * read the store, or its backups, cannot read them, and cannot put one in the place of another.
 * @param key 32 bytes
 */
export function sealedRegisters(registers: Registers, key: Uint8Array): Registers {
  return {
    read: async (name) => {
      const found = await registers.read(name);
      if (!found) return undefined;
      const value = openText(key, name, found.value);
      if (value === undefined) throw notOurs(name);
      return { version: found.version, value };
    },
    write: (name, expectedVersion, value) => registers.write(name, expectedVersion, sealText(key, name, value)),
    delete: (name, expectedVersion) => registers.delete(name, expectedVersion),
    names: (prefix) => registers.names(prefix),
    close: () => registers.close(),
  };
}

const notOurs = (name: string): NetfoldError =>
  new NetfoldError({
    code: 'register.not_ours',
    message: `what the register ${name} holds was not sealed with the secret of this server, or was changed since`,
    where: name,
    hint: 'give all replicas the same secret; if they have it, restore the store from a backup',
  });
