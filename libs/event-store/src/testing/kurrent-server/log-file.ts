import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { LogRecord } from './log-record.js';

/**
 * What a log keeps in a file, one line for each append, so that it outlives a process that is killed. It is not synced:
 * what it is to survive is the end of a process, not of the machine.
 */
export class LogFile {
  readonly #file: number;

  /** @param path of a file that is made when there is none */
  constructor(private readonly path: string) {
    this.#file = openSync(path, 'a');
  }

  /** What was appended before; a last line that was cut off is none. */
  *appends(): Generator<LogRecord[]> {
    if (!existsSync(this.path)) return;
    for (const line of readFileSync(this.path, 'utf8').split('\n').slice(0, -1)) {
      yield (JSON.parse(line) as Line[]).map(recordOf);
    }
  }

  /** Keeps the records of one append. */
  keep(records: readonly LogRecord[]): void {
    writeSync(this.#file, `${JSON.stringify(records.map(lineOf))}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

type Line = Omit<LogRecord, 'metadata' | 'custom' | 'data'> & {
  readonly metadata: [string, string][];
  readonly custom: string;
  readonly data: string;
};

const lineOf = ({ metadata, custom, data, ...rest }: LogRecord): Line => ({
  ...rest,
  metadata: [...metadata],
  custom: Buffer.from(custom).toString('base64'),
  data: Buffer.from(data).toString('base64'),
});

const recordOf = ({ metadata, custom, data, ...rest }: Line): LogRecord => ({
  ...rest,
  metadata: new Map(metadata),
  custom: Buffer.from(custom, 'base64'),
  data: Buffer.from(data, 'base64'),
});
