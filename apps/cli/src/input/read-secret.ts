import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { NetfoldError } from '#kernel';
import type { Io } from '../output/io.js';

/** The secret in a file, or on standard input for `-`, without the blanks around it: it never was an argument. */
export async function readSecret(io: Io, file: string, where: string): Promise<string> {
  const secret = (await contentOf(io, file, where)).trim();
  if (secret) return secret;
  throw new NetfoldError({
    code: 'cli.no_secret',
    message: `${file === '-' ? 'standard input' : file} is empty`,
    where,
  });
}

async function contentOf(io: Io, file: string, where: string): Promise<string> {
  if (file === '-') return text(io.stdin);
  return readInput(file, where);
}

/** The text of a file that the person named. */
export async function readInput(file: string, where: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new NetfoldError({ code: 'cli.no_file', message: `cannot read ${file}: ${why}`, where }, { cause });
  }
}
