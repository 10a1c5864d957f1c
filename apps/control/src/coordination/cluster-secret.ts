import { isRegisterChanged, type Registers } from '#coordination';
import { equalBytes, NetfoldError, toBase64, utf8 } from '#kernel';
import type { ServerSecret } from '../auth/server-secret.js';

const REGISTER = 'cluster/secret';

/**
 * Checks that this server has the secret of the cluster, which is that of its first replica. What is compared is derived from
 * it, and leads nobody back.
 * @throws NetfoldError `cluster.other_secret`
 */
export async function requireClusterSecret(registers: Registers, secrets: ServerSecret): Promise<void> {
  const mine = toBase64(secrets.derive('fingerprint of the secret'));
  const known = (await registers.read(REGISTER))?.value ?? (await first(registers, mine));
  if (!equalBytes(utf8(known), utf8(mine))) throw otherSecret();
}

/** The fingerprint of whoever was first, which may be this server. */
async function first(registers: Registers, mine: string): Promise<string> {
  try {
    await registers.write(REGISTER, -1, mine);
    return mine;
  } catch (error) {
    if (!isRegisterChanged(error)) throw error;
    return (await registers.read(REGISTER))?.value ?? '';
  }
}

const otherSecret = (): NetfoldError =>
  new NetfoldError({
    code: 'cluster.other_secret',
    message: 'this server has another secret than the replicas that use this store',
    where: '--secret-file',
    hint: "copy the file server-secret from the state directory of a replica that runs, or the file that its --secret-file names, and name the copy with --secret-file; for a ledger of its own, add ?ledger=NAME to the store's URL",
  });
