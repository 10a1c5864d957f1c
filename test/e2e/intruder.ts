import { DatabaseSync } from 'node:sqlite';
import { canonicalEvent, eventHash, type LedgerEvent } from '#event-store';
import type { JsonObject } from '#kernel';

interface Row {
  readonly revision: number;
  readonly body: string;
}

/** Somebody who can write to the file of a ledger, and knows how its hashes are made. */
export class Intruder {
  constructor(private readonly file: string) {}

  /**
   * Changes what one event says, and makes the hashes of it and of all that follow anew: by themselves they are right.
   */
  rewrite(stream: string, revision: number, change: (data: JsonObject) => JsonObject): void {
    this.#with((database) => {
      const rows = database.prepare('SELECT revision, body FROM events WHERE stream = ? ORDER BY revision').all(stream);
      const update = database.prepare('UPDATE events SET body = ?, hash = ? WHERE stream = ? AND revision = ?');
      let hash = '0'.repeat(64);
      for (const row of rows as unknown as readonly Row[]) {
        const event = JSON.parse(row.body) as LedgerEvent;
        const body = canonicalEvent(row.revision === revision ? { ...event, data: change(event.data) } : event);
        hash = eventHash(hash, body);
        update.run(body, hash, stream, row.revision);
      }
      database.prepare('UPDATE heads SET hash = ? WHERE stream = ?').run(hash, stream);
    });
  }

  /** Removes all events after a revision. */
  truncate(stream: string, revision: number): void {
    this.#with((database) => {
      database.prepare('DELETE FROM events WHERE stream = ? AND revision > ?').run(stream, revision);
      database
        .prepare(
          `UPDATE heads SET (revision, hash) =
             (SELECT revision, hash FROM events WHERE stream = heads.stream ORDER BY revision DESC LIMIT 1)
           WHERE stream = ?`,
        )
        .run(stream);
    });
  }

  /** The stream of the only tailnet. */
  get stream(): string {
    return this.#with((database) =>
      String(database.prepare("SELECT stream FROM heads WHERE stream LIKE 'tailnet-%'").get()?.stream),
    );
  }

  #with<T>(work: (database: DatabaseSync) => T): T {
    const database = new DatabaseSync(this.file);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }
}
