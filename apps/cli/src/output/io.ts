import type { Readable, Writable } from 'node:stream';

/** What a command may touch of the process it runs in; tests pass their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** The effective user id; 0 is root. */
  readonly uid: number;
  /** Ends when the person presses Ctrl-C or a supervisor asks to stop. */
  readonly interrupted: AbortSignal;
  now(): number;
  /** Tells whoever started this process that it is ready. */
  started(): void;
}

/** Writes lines to standard output. */
export function print(io: Io, ...lines: readonly string[]): void {
  for (const line of lines) io.stdout.write(`${line}\n`);
}

/** Writes a remark to standard error, where it does not disturb what a program reads. */
export const remark = (io: Io, line: string): void => {
  io.stderr.write(`${line}\n`);
};

/** The one way in which JSON is printed: two spaces, one trailing newline, keys in the order given. */
export const printJson = (io: Io, value: unknown): void => print(io, JSON.stringify(value, undefined, 2));
