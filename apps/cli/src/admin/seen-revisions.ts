import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Io } from '../output/io.js';

/** The newest revision that was seen, so that another server of the same control plane does not answer from before it. */
export interface SeenRevision {
  /** -1 when none was seen. */
  readonly newest: number;
  /** @param revision -1 forgets */
  note(revision: number): void;
}

/** Of one run. */
export const seenInThisRun = (): SeenRevision => {
  let newest = -1;
  return {
    get newest() {
      return newest;
    },
    note(revision) {
      newest = revision;
    },
  };
};

const File = z.record(z.string(), z.int());

/** Of tokens that were used lately. */
const KEPT = 32;

/**
 * What was seen with a token, in this run of the CLI and earlier ones. It goes by the token and not by the server's URL:
 * several servers of one control plane know the same token. A file that cannot be used is none.
 */
export function seenWith(io: Io, token: string): SeenRevision {
  const file = join(io.env.XDG_CONFIG_HOME ?? join(io.home, '.config'), 'netfold', 'seen-revisions.json');
  // It has far more entropy than anybody can guess, so its hash says nothing of it.
  const key = createHash('sha256').update(token).digest('hex').slice(0, 16);
  return {
    get newest() {
      return read(file)[key] ?? -1;
    },
    note(revision) {
      const { [key]: _, ...others } = read(file);
      const kept = Object.entries(others).slice(1 - KEPT);
      write(file, Object.fromEntries(revision < 0 ? kept : [...kept, [key, revision]]));
    },
  };
}

function read(file: string): Readonly<Record<string, number>> {
  try {
    return File.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/** Whole or not at all. */
function write(file: string, seen: Readonly<Record<string, number>>): void {
  const fresh = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${JSON.stringify(seen)}\n`, { mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    // The command has done what it was asked for all the same.
  }
}
