import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { systemRandom } from '#host';
import { equalBytes, NetfoldError } from '#kernel';
import { knownServerSecret } from '../auth/server-secret.js';
import { PersonKeyFile } from './person-key-file.js';
import type { SharedPersonKeys } from './shared-person-keys.js';

/**
 * Moves the keys of a control plane that was one process to where its replicas share them: a copy that stays would know
 * people whom the cluster has erased. The first replica that starts has to be the one with the file.
 * @param pepper of the addresses in both
 * @throws NetfoldError `people.unusable`, `people.other_secret`, `state.unusable`
 */
export async function movePersonKeys(
  stateDir: string,
  pepper: Uint8Array,
  people: SharedPersonKeys,
  logger: Pick<Logger, 'info'>,
): Promise<void> {
  const file = join(stateDir, 'people.db');
  if (!existsSync(file)) return;
  if (!equalBytes(knownServerSecret(stateDir).derive('people'), pepper)) throw otherSecret(stateDir);
  const keys = new PersonKeyFile(file, pepper, systemRandom);
  try {
    const all = keys.all();
    for (const [lookup, key] of all) await people.take(lookup, key);
    for (const { id } of all.values()) await keys.erase(id);
    logger.info({ file, people: all.size }, 'the keys of people are kept in the shared store from now on');
  } finally {
    keys.close();
  }
  rmSync(file);
}

/** Nobody would be found by their address, and so nobody be erased. */
const otherSecret = (stateDir: string): NetfoldError =>
  new NetfoldError({
    code: 'people.other_secret',
    message: 'this server has keys of people, and they were kept under another secret than that of --secret-file',
    where: stateDir,
    hint: 'give all replicas the file server-secret from this state directory as --secret-file; if it belongs to another network, name another --state-dir',
  });
