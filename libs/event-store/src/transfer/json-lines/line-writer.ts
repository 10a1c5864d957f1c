import type { Head } from '../../event.js';
import { ChainChecker } from '../chain-checker.js';
import type { LedgerRow, LedgerTarget } from '../ledger-ports.js';
import { formatEnd, formatRow, HEADER } from './export-format.js';

/** An export that is written from the beginning to somewhere that cannot be read again: a pipe, a terminal. */
export class LineWriter implements LedgerTarget {
  readonly #chains = new ChainChecker();
  #begun = false;

  /** @param write resolves when the text is taken */
  constructor(
    readonly name: string,
    private readonly write: (text: string) => Promise<void>,
  ) {}

  async heads(): Promise<ReadonlyMap<string, Head>> {
    return this.#chains.heads;
  }

  async append(rows: readonly LedgerRow[]): Promise<void> {
    await this.#begin();
    for (const row of rows) this.#chains.take(row);
    await this.write(rows.map((row) => `${formatRow(row)}\n`).join(''));
  }

  async finish(): Promise<void> {
    await this.#begin();
    await this.write(`${formatEnd({ events: this.#chains.count, heads: this.#chains.heads })}\n`);
  }

  async close(): Promise<void> {}

  async #begin(): Promise<void> {
    if (!this.#begun) await this.write(`${HEADER}\n`);
    this.#begun = true;
  }
}
