import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { NetfoldError } from '#kernel';
import { noSuchLedger } from '../../errors.js';
import { EMPTY_HEAD, type Head } from '../../event.js';
import type { LedgerRow, LedgerSource } from '../ledger-ports.js';
import { type ExportEnd, parseEnd, parseRow, requireHeader } from './export-format.js';
import { badLine, type FileLine, readLines } from './read-lines.js';

/** The last line names each stream, in some 100 bytes. */
const TAIL_BYTES = 64 << 10;

/** An export, read line by line. */
export class JsonLinesSource implements LedgerSource {
  private constructor(readonly name: string) {}

  /** @throws NetfoldError `store.no_such_ledger` */
  static open(file: string): JsonLinesSource {
    if (!existsSync(file)) throw noSuchLedger(file);
    return new JsonLinesSource(file);
  }

  /** What the last line says, which reading it all will prove. */
  async count(): Promise<number | undefined> {
    const file = await open(this.name);
    try {
      const { size } = await file.stat();
      const length = Math.min(size, TAIL_BYTES);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return parseEnd(buffer.toString().trimEnd().split('\n').at(-1) ?? '')?.events;
    } finally {
      await file.close();
    }
  }

  /**
   * @throws NetfoldError `export.not_an_export`, `export.newer_format`, `export.bad_line`, `export.cut_off`,
   * `export.wrong_end`, each with the number of the line
   */
  async *rows(): AsyncIterable<LedgerRow> {
    const seen = new Map<string, Head>();
    let events = 0;
    let end: ExportEnd | undefined;
    let last: FileLine | undefined;
    for await (const line of readLines(this.name)) {
      const where = `${this.name}:${line.number}`;
      if (!line.whole) throw cutOff(where);
      if (end) throw badLine(where, 'it stands behind the end');
      last = line;
      if (line.number === 1) requireHeader(line.text, where);
      else {
        end = parseEnd(line.text);
        if (end) requireEnd(end, { events, heads: seen }, where);
        else {
          const row = rowOf(line, where);
          yield row;
          events += 1;
          seen.set(row.stream, row);
        }
      }
    }
    if (!end) throw last ? cutOff(`${this.name}:${last.number + 1}`) : notAnExport(this.name);
  }

  /** They are part of the last line, and compared with the events above it. */
  async heads(): Promise<undefined> {}

  async close(): Promise<void> {}
}

export function rowOf({ text }: FileLine, where: string): LedgerRow {
  const row = parseRow(text, where);
  if (row) return row;
  throw badLine(where, 'it is not {"event":{…},"hash":"…"}');
}

function requireEnd(end: ExportEnd, found: ExportEnd, where: string): void {
  const agree =
    end.events === found.events &&
    end.heads.size === found.heads.size &&
    [...end.heads].every(([stream, head]) => {
      const { revision, hash } = found.heads.get(stream) ?? EMPTY_HEAD;
      return head?.revision === revision && head.hash === hash;
    });
  if (agree) return;
  throw new NetfoldError({
    code: 'export.wrong_end',
    message: `the export ends with ${found.events} events; its last line speaks of ${end.events} and where they end`,
    where,
    hint: 'events were removed from it or added to it: make the export again, or take another copy of it',
  });
}

const cutOff = (where: string): NetfoldError =>
  new NetfoldError({
    code: 'export.cut_off',
    message: 'the export is cut off here',
    where,
    hint: 'make the export again, or take another copy of it',
  });

const notAnExport = (where: string): NetfoldError =>
  new NetfoldError({
    code: 'export.not_an_export',
    message: 'the file is empty',
    where,
    hint: 'make an export: netfold export --to FILE',
  });
