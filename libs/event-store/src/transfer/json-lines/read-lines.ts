import { createReadStream } from 'node:fs';
import { fromUtf8, NetfoldError } from '#kernel';

/** A line of a file. */
export interface FileLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Where the line ends in the file, its newline included, in bytes. */
  readonly end: number;
  /** Whether a newline ends it; only the last may lack one. */
  readonly whole: boolean;
}

/** Longer than any event. */
const MAX_LINE_BYTES = 4 << 20;
const NEWLINE = 0x0a;

/**
 * The lines of a file.
 * @throws NetfoldError `export.bad_line` when one is too long or not UTF-8, with its number
 */
export async function* readLines(file: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 1;
  let end = 0;
  const line = (bytes: Buffer, whole: boolean): FileLine => {
    end += bytes.length + (whole ? 1 : 0);
    return { text: decoded(bytes, `${file}:${number}`), number: number++, end, whole };
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE, start)) {
      yield line(rest.subarray(start, at), true);
      start = at + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > MAX_LINE_BYTES) throw badLine(`${file}:${number}`, 'it is longer than any event');
  }
  if (rest.length > 0) yield line(rest, false);
}

function decoded(bytes: Buffer, where: string): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw badLine(where, 'it is not UTF-8');
  }
}

/** @param where `FILE:LINE` */
export const badLine = (where: string, why: string): NetfoldError =>
  new NetfoldError({
    code: 'export.bad_line',
    message: `a line of the export is damaged: ${why}`,
    where,
    hint: 'make the export again, or take another copy of it',
  });
