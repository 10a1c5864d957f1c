import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EMPTY_HEAD, type LedgerEvent } from '../event.js';
import type { EventStore } from '../event-store.js';
import { LocalEventStore } from '../local/local-event-store.js';
import { headAfter, seal } from '../seal.js';
import { collect, RECORDED_AT, sealedEvent, testDraft } from '../testing/fixtures.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { createPrivately } from './create-privately.js';
import { openLedgerFile } from './open-ledger-file.js';
import { openSqliteEventStore } from './sqlite-event-store.js';
import { SqliteTable } from './sqlite-table.js';

const fileIn = temporaryFolder();
const full = { code: 'store.disk_full', hint: expect.stringContaining('Make space') };

/** One event of about `size` bytes. */
const sized = (stream: string, size: number, head = EMPTY_HEAD): LedgerEvent[] =>
  seal(head, [testDraft({ stream, data: { filling: 'x'.repeat(size) } })], RECORDED_AT);

// SQLite's own limit on the pages of a file fails the same statements with the same code as a full disk does
// (SQLITE_FULL), without root; disk-full.net.ts fills a real one.
describe('a full disk', () => {
  let database: DatabaseSync;
  let store: EventStore;
  const allowPages = (more: number) => {
    const { page_count: used } = database.prepare('PRAGMA page_count').get() ?? {};
    database.exec(`PRAGMA max_page_count = ${Number(used) + more}`);
  };

  beforeEach(() => {
    createPrivately(fileIn('ledger.db'));
    database = openLedgerFile(fileIn('ledger.db'));
    store = new LocalEventStore(new SqliteTable(fileIn('ledger.db'), database, () => {}));
  });
  afterEach(() => store.close());

  test('refuses appends, loses nothing, and is over when there is space again', async () => {
    allowPages(20);
    const acknowledged: LedgerEvent[] = [];
    let refused: LedgerEvent[] | undefined;
    let head = EMPTY_HEAD;
    while (!refused) {
      const events = sized('tailnet-a', 3_000, head);
      const outcome = await store.append('tailnet-a', head.revision, events).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ ...full, where: fileIn('ledger.db') });
        refused = events;
      } else {
        acknowledged.push(...events);
        head = headAfter(head, events);
      }
    }
    expect(acknowledged.length).toBeGreaterThan(5);
    expect((await collect(store.read('tailnet-a'))).map(sealedEvent)).toEqual(acknowledged);
    expect(await store.head('tailnet-a')).toEqual(head);
    await expect(store.append('tailnet-a', head.revision, refused)).rejects.toMatchObject(full);

    allowPages(100);
    await store.append('tailnet-a', head.revision, refused);
    await store.close();
    store = openSqliteEventStore(fileIn('ledger.db'));
    expect((await collect(store.read('tailnet-a'))).map(sealedEvent)).toEqual([...acknowledged, ...refused]);
  });

  test('keeps out only what does not fit', async () => {
    allowPages(4);
    const outcomes = await Promise.allSettled([
      store.append('tailnet-a', -1, sized('tailnet-a', 100)),
      store.append('tailnet-b', -1, sized('tailnet-b', 500_000)),
      store.append('tailnet-c', -1, sized('tailnet-c', 100)),
    ]);
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { reason: full }, { status: 'fulfilled' }]);
    expect(await store.streams()).toEqual(['tailnet-a', 'tailnet-c']);
  });

  test('refuses a checkpoint and keeps the one before', async () => {
    await store.saveCheckpoint('projection', 1);
    allowPages(0);
    const saveMany = async () => {
      for (let i = 0; i < 500; i++) await store.saveCheckpoint(`projection-${i}`, i);
    };
    await expect(saveMany()).rejects.toMatchObject(full);
    expect(await store.checkpoint('projection')).toBe(1);
  });
});
