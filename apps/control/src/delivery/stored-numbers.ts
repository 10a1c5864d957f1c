import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NodeNumbers } from './entry-codec.js';

/** The numbers of one tailnet's nodes, as the delivery log's file keeps them. As many as nodes ever joined. */
export class StoredNumbers implements NodeNumbers {
  readonly #byNode = new Map<string, number>();
  readonly #byNumber = new Map<number, string>();
  readonly #add: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly tailnet: string,
  ) {
    this.#add = database.prepare('INSERT INTO nodes (tailnet, node) VALUES (?, ?)');
    for (const { number, node } of database.prepare('SELECT number, node FROM nodes WHERE tailnet = ?').all(tailnet)) {
      this.#note(Number(number), String(node));
    }
  }

  numberOf(nodeId: string): number {
    return this.#byNode.get(nodeId) ?? this.#note(Number(this.#add.run(this.tailnet, nodeId).lastInsertRowid), nodeId);
  }

  nodeOf(number: number): string {
    return this.#byNumber.get(number) ?? '';
  }

  #note(number: number, nodeId: string): number {
    this.#byNode.set(nodeId, number);
    this.#byNumber.set(number, nodeId);
    return number;
  }
}
