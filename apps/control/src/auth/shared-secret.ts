import { readFileSync, type Stats, statSync } from 'node:fs';
import { NetfoldError, problemOf } from '#kernel';

export const SECRET_BYTES = 32;

const ANYBODY = 0o007;
const GROUP = 0o070;
const GROUP_WRITES = 0o020;

/**
 * Reads the secret that several replicas share.
 * @throws NetfoldError `secret.unreadable`, `secret.exposed`, `secret.wrong_size`
 */
export function readSharedSecret(file: string): Uint8Array {
  const { stats, key } = contentOf(file);
  if (isExposed(stats)) {
    throw new NetfoldError({
      code: 'secret.exposed',
      message: `others than this server may read or write its secret (mode ${(stats.mode & 0o777).toString(8)})`,
      where: file,
      hint: `chmod 600 ${file}; if others have read it, nobody but you can say what it is worth now`,
    });
  }
  if (key.length === SECRET_BYTES) return key;
  throw new NetfoldError({
    code: 'secret.wrong_size',
    message: `the secret has ${key.length} bytes instead of ${SECRET_BYTES}`,
    where: file,
    hint: 'copy the file server-secret of a replica that runs; for a new cluster: (umask 077; head -c 32 /dev/urandom > FILE)',
  });
}

function contentOf(file: string): { readonly stats: Stats; readonly key: Buffer } {
  try {
    return { stats: statSync(file), key: readFileSync(file) };
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'secret.unreadable',
        message: `the secret of the cluster cannot be read: ${problemOf(cause).message}`,
        where: file,
        hint: 'name a file that this user may read; for a new cluster: (umask 077; head -c 32 /dev/urandom > FILE)',
      },
      { cause },
    );
  }
}

/** What another user owns can only be read by way of the group, as containers are given secrets. */
function isExposed({ mode, uid }: Stats): boolean {
  const isOwn = uid === process.getuid?.();
  return (mode & (isOwn ? ANYBODY | GROUP : ANYBODY | GROUP_WRITES)) !== 0;
}
