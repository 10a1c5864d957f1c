import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NetfoldError } from '#kernel';
import type { Io } from '../output/io.js';

/** What was verified of a server's ledger last. */
const KnownLedger = z.object({
  /** The key that it is signed with, as text. */
  key: z.string(),
  /** The checkpoint, as it was signed. */
  note: z.string(),
});
export type KnownLedger = z.infer<typeof KnownLedger>;

const File = z.record(z.string(), KnownLedger);

const fileOf = (io: Io): string =>
  join(io.env.XDG_CONFIG_HOME ?? join(io.home, '.config'), 'netfold', 'known-ledgers.json');

/** The ledgers that this person has verified, by the URL of the server. @throws NetfoldError `cli.bad_known_ledgers` */
export function knownLedgers(io: Io): Readonly<Record<string, KnownLedger>> {
  const file = fileOf(io);
  try {
    return File.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new NetfoldError(
      {
        code: 'cli.bad_known_ledgers',
        message: 'the remembered checkpoints are damaged',
        where: file,
        hint: 'restore the file, or move it away: then the next ledger that a server shows is trusted',
      },
      { cause },
    );
  }
}

/** Remembers a ledger, whole or not at all. */
export function rememberLedger(io: Io, server: string, ledger: KnownLedger): void {
  const file = fileOf(io);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify({ ...knownLedgers(io), [server]: ledger }, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}
