import { existsSync } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Head } from '../../event.js';
import { ChainChecker } from '../chain-checker.js';
import type { LedgerRow, LedgerTarget } from '../ledger-ports.js';
import { formatEnd, formatRow, HEADER, parseEnd, requireHeader } from './export-format.js';
import { rowOf } from './json-lines-source.js';
import { readLines } from './read-lines.js';

/**
 * An export under way. It grows beside the file that it is to be, which appears, or is replaced, when it is whole; what
 * an interrupted one has written is continued.
 */
export class JsonLinesTarget implements LedgerTarget {
  private constructor(
    readonly name: string,
    private readonly chains: ChainChecker,
    private readonly file: FileHandle,
  ) {}

  /** @throws NetfoldError as `JsonLinesSource.rows`, and `chain.…`, when what is there already is damaged */
  static async open(name: string): Promise<JsonLinesTarget> {
    const draft = draftOf(name);
    // A draft is what an interrupted export left; without one, an older export is continued.
    if (!existsSync(draft) && existsSync(name)) await copyFile(name, draft);
    const { chains, end } = await wholeLines(draft);
    const file = await open(draft, existsSync(draft) ? 'r+' : 'wx+', 0o600);
    try {
      await file.chmod(0o600);
      await file.truncate(end);
      if (end === 0) await file.appendFile(`${HEADER}\n`);
      return new JsonLinesTarget(name, chains, file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async heads(): Promise<ReadonlyMap<string, Head>> {
    return this.chains.heads;
  }

  async append(rows: readonly LedgerRow[]): Promise<void> {
    for (const row of rows) this.chains.take(row);
    await this.#write(rows.map((row) => `${formatRow(row)}\n`).join(''));
  }

  async finish(): Promise<void> {
    const { count, heads } = this.chains;
    await this.#write(`${formatEnd({ events: count, heads })}\n`);
    await this.file.sync();
    await rename(draftOf(this.name), this.name);
    await syncFolder(dirname(this.name));
  }

  async close(): Promise<void> {
    await this.file.close();
    if (this.chains.count === 0) await rm(draftOf(this.name), { force: true });
  }

  async #write(text: string): Promise<void> {
    const { size } = await this.file.stat();
    await this.file.write(text, size);
  }
}

const draftOf = (name: string): string => `${name}.partial`;

/** The events of a draft, and where the last whole one ends. A line that is cut off is as good as not written. */
async function wholeLines(draft: string): Promise<{ readonly chains: ChainChecker; readonly end: number }> {
  const chains = new ChainChecker();
  let end = 0;
  if (!existsSync(draft)) return { chains, end };
  for await (const line of readLines(draft)) {
    const where = `${draft}:${line.number}`;
    if (!line.whole || parseEnd(line.text)) break;
    if (line.number === 1) requireHeader(line.text, where);
    else chains.take(rowOf(line, where));
    end = line.end;
  }
  return { chains, end };
}

/** A new name is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
