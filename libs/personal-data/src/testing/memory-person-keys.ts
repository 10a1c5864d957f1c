import { type Random, toHex } from '#kernel';
import type { PersonKey, PersonKeys } from '../person-keys.js';

/** Keys that are forgotten with the process. */
export function memoryPersonKeys(random: Random): PersonKeys {
  const byEmail = new Map<string, PersonKey>();
  const byId = new Map<string, PersonKey>();
  return {
    of(email) {
      const known = byEmail.get(email.toLowerCase());
      if (known) return known;
      const key = { id: toHex(random.bytes(8)), secret: random.bytes(64) };
      byEmail.set(email.toLowerCase(), key);
      byId.set(key.id, key);
      return key;
    },
    settled: async () => true,
    find: (id) => byId.get(id),
    learn: async () => {},
    async erase(id) {
      byId.delete(id);
      for (const [email, key] of byEmail) if (key.id === id) byEmail.delete(email);
    },
  };
}
