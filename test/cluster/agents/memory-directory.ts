import type { StateDirectory } from '#host';

/** A state directory whose files are in memory: two hundred agents on one disk would measure the disk. */
export function memoryDirectory(): StateDirectory {
  const files = new Map<string, Uint8Array>();
  const directory = {
    path: '/memory',
    read: async (name: string) => files.get(name)?.slice(),
    write: async (name: string, bytes: Uint8Array) => {
      files.set(name, bytes.slice());
    },
    remove: async (name: string) => {
      files.delete(name);
    },
  };
  return directory as unknown as StateDirectory; // it has private parts that no caller sees
}
