import { lookup } from 'node:dns/promises';
import { z } from 'zod';
import type { StateDirectory } from '#host';
import { JsonFile } from './json-file.js';

const Known = z.object({ name: z.string(), addresses: z.array(z.string()) });

const NOTHING = { name: '', addresses: [] };

/**
 * The control server's addresses: those of the last time, where there was one, since names may not be found before the
 * server is reached. None when its name cannot be resolved and never could.
 */
export async function serverAddresses(agentUrl: string, directory: StateDirectory): Promise<readonly string[]> {
  const name = new URL(agentUrl).hostname.replace(/^\[|\]$/g, '');
  const file = await JsonFile.open(directory, 'server-addresses.json', Known, NOTHING).catch(() => undefined);
  const remembered = file?.value.name === name ? file.value.addresses : [];
  const fresh = lookup(name, { all: true }).then(
    async (found) => {
      const addresses = [...new Set(found.map(({ address }) => address))];
      await file?.save({ name, addresses }).catch(() => {}); // the next start asks again
      return addresses;
    },
    () => [],
  );
  return remembered.length > 0 ? remembered : fresh;
}
