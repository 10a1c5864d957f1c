import { PassThrough, Readable, Writable } from 'node:stream';
import { ALL_COMMANDS } from '../commands/all-commands.js';
import type { Io } from '../output/io.js';
import { runCli } from '../run-cli.js';

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** The moment at which tests run the command line. */
export const NOW = Date.UTC(2026, 10, 1, 10);

/** Runs `netfold WORDS` with nothing of the process around it: no terminal, no home, no environment but this one. */
export async function netfold(
  words: readonly string[],
  {
    env = {},
    stdin = '',
    interrupted = new AbortController().signal,
  }: { readonly env?: Io['env']; readonly stdin?: string; readonly interrupted?: AbortSignal } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new Text(), new Text()];
  const io: Io = {
    stdin: stdin ? Readable.from([stdin]) : new PassThrough().end(),
    stdout,
    stderr,
    env,
    home: '/nowhere',
    uid: 1000,
    interrupted,
    now: () => NOW,
    started: () => {},
  };
  const code = await runCli(words, io, ALL_COMMANDS, '0.0.0');
  return { code, stdout: stdout.text, stderr: stderr.text };
}
