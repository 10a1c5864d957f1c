import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NetfoldError } from '#kernel';
import type { Io } from '../output/io.js';

/** Which control plane an admin speaks to, and as whom. */
export interface Credentials {
  /** `https://netfold.example.com` */
  readonly server: string;
  /** An API token. */
  readonly token: string;
}

const fileOf = (io: Io): string =>
  join(io.env.XDG_CONFIG_HOME ?? join(io.home, '.config'), 'netfold', 'credentials.json');

/** Keeps the credentials for later commands, readable by this user only; gives the file's name. */
export function saveCredentials(io: Io, credentials: Credentials): string {
  const file = fileOf(io);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
  return file;
}

/** Forgets them; whether there were any. */
export function dropCredentials(io: Io): boolean {
  const known = savedCredentials(io) !== undefined;
  rmSync(fileOf(io), { force: true });
  return known;
}

/**
 * What the option and the environment say, and for the rest what `login` saved.
 * @throws NetfoldError `cli.not_logged_in`
 */
export function credentialsOf(io: Io, server: string | undefined): Credentials {
  const saved = savedCredentials(io);
  const chosen = { server: server ?? io.env.NETFOLD_SERVER ?? saved?.server, token: io.env.NETFOLD_TOKEN };
  // A saved token is for its own server, and is shown to no other one.
  if (chosen.server && !chosen.token && chosen.server === saved?.server) return saved;
  if (chosen.server && chosen.token) return { server: chosen.server, token: chosen.token };
  throw new NetfoldError({
    code: 'cli.not_logged_in',
    message: chosen.server ? `there is no API token for ${chosen.server}` : 'no control plane is named',
    hint: 'log in once: netfold login --server URL\nor set NETFOLD_SERVER and NETFOLD_TOKEN',
  });
}

function savedCredentials(io: Io): Credentials | undefined {
  const file = fileOf(io);
  try {
    const { server, token } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Credentials>;
    if (typeof server === 'string' && typeof token === 'string') return { server, token };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  const hint = 'log in again: netfold login --server URL';
  throw new NetfoldError({ code: 'cli.bad_credentials', message: 'the saved login is damaged', where: file, hint });
}
