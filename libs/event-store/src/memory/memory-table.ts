import { EMPTY_HEAD, type Head } from '../event.js';
import type { EventRow, EventTable, StoredRow, StreamPage } from '../local/event-table.js';

/** The events of a store that is gone with the process. */
export class MemoryTable implements EventTable {
  readonly name = 'memory';
  /** The row at index i has position i + 1. */
  readonly #rows: StoredRow[] = [];
  readonly #streams = new Map<string, StoredRow[]>();
  readonly #checkpoints = new Map<string, number>();

  /** Nothing to undo: writing to memory does not fail half-way. */
  atomically<T>(work: () => T): T {
    return work();
  }

  head(stream: string): Head {
    const last = this.#streams.get(stream)?.at(-1);
    return last ? { revision: last.revision, hash: last.hash } : EMPTY_HEAD;
  }

  append(rows: readonly EventRow[]): number {
    for (const row of rows) {
      const stored = { ...row, position: this.#rows.length + 1 };
      this.#rows.push(stored);
      const stream = this.#streams.get(row.stream);
      if (stream) stream.push(stored);
      else this.#streams.set(row.stream, [stored]);
    }
    return this.lastPosition();
  }

  streamPage({ stream, from, limit, backwards }: StreamPage): readonly StoredRow[] {
    const rows = this.#streams.get(stream) ?? [];
    if (!backwards) return rows.slice(Math.max(0, from), Math.max(0, from) + limit);
    const end = Math.min(from + 1, rows.length);
    return rows.slice(Math.max(0, end - limit), Math.max(0, end)).reverse();
  }

  hashPage(stream: string, from: number, limit: number): readonly string[] {
    return this.streamPage({ stream, from, limit, backwards: false }).map(({ hash }) => hash);
  }

  page(after: number, limit: number): readonly StoredRow[] {
    return this.#rows.slice(after, after + limit);
  }

  lastPosition(): number {
    return this.#rows.length;
  }

  revisionAt(stream: string, position: number): number {
    return (this.#streams.get(stream) ?? []).findLastIndex((row) => row.position <= position);
  }

  streams(): readonly string[] {
    return [...this.#streams.keys()].sort();
  }

  checkpoint(name: string): number | undefined {
    return this.#checkpoints.get(name);
  }

  saveCheckpoint(name: string, position: number): void {
    this.#checkpoints.set(name, position);
  }

  close(): void {}
}
