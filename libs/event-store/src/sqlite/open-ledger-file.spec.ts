import { closeSync, openSync, readdirSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { collect, testAppends } from '../testing/fixtures.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

const fileIn = temporaryFolder();

/** A closed ledger with so many appends of `size` events each. */
async function ledger(appends: number, size = 10): Promise<string> {
  const file = fileIn('ledger.db');
  const store = openSqliteEventStore(file);
  for (const events of testAppends('tailnet-a', appends, size)) {
    await store.append('tailnet-a', (events[0]?.revision ?? 0) - 1, events);
  }
  await store.close();
  return file;
}

function changeBySql(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

function overwrite(file: string, offset: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}

const problem = (code: string, file: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ code, where: file, message, hint: expect.any(String) });

describe('a ledger file', () => {
  test('and what stands beside it may be read by its owner only', async () => {
    const store = openSqliteEventStore(fileIn('ledger.db'));
    const names = readdirSync(fileIn('.'));
    expect(names.toSorted()).toEqual(['ledger.db', 'ledger.db-shm', 'ledger.db-wal', 'ledger.db.lock']);
    for (const name of names) expect(statSync(fileIn(name)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  test('is opened for writing once, and leaves readers alone', async () => {
    const file = await ledger(1);
    const store = openSqliteEventStore(file);
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.locked', file));
    const reader = new DatabaseSync(file, { readOnly: true });
    const read = reader.prepare('SELECT count(*) AS count FROM events');
    expect(read.get()).toMatchObject({ count: 10 });
    const [, second = []] = testAppends('tailnet-a', 2, 10);
    await store.append('tailnet-a', 9, second);
    expect(read.get()).toMatchObject({ count: 20 });
    reader.close();
    await store.close();
    await openSqliteEventStore(file).close();
  });

  test('that cannot be created is named', () => {
    const file = fileIn('missing/ledger.db');
    expect(() => openSqliteEventStore(file)).toThrow(expect.objectContaining({ code: 'store.cannot_open' }));
  });

  test('of a newer netfold is left alone', async () => {
    const file = await ledger(1);
    changeBySql(file, 'PRAGMA user_version = 99');
    expect(() => openSqliteEventStore(file)).toThrow(
      problem('store.newer_schema', file, expect.stringContaining('99')),
    );
  });

  test('of another program is left alone', () => {
    const file = fileIn('other.db');
    changeBySql(file, 'CREATE TABLE bookmarks (url TEXT)');
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.not_a_ledger', file));
  });
});

describe('a damaged ledger file is refused:', () => {
  test('something else altogether', () => {
    const file = fileIn('ledger.db');
    writeFileSync(file, 'This is not a database, however long it may be. '.repeat(100));
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.corrupt', file));
  });

  test('an overwritten header', async () => {
    const file = await ledger(1);
    overwrite(file, 0, new Uint8Array(100).fill(0xff));
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.corrupt', file));
  });

  test('a file that was cut off', async () => {
    const file = await ledger(20);
    truncateSync(file, statSync(file).size - 3 * 4096);
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.corrupt', file));
  });

  test('an overwritten page', async () => {
    const file = await ledger(20);
    overwrite(file, 10 * 4096, new Uint8Array(64).fill(0xff));
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.corrupt', file));
  });

  test.each([
    [
      'its last event is gone',
      'DELETE FROM events WHERE revision = 19',
      /tailnet-a.*at revision 19.*18, and 19 events/,
    ],
    ['an event in the middle is gone', 'DELETE FROM events WHERE revision = 7', /tailnet-a.*and 19 events/],
    ['all its events are gone', 'DELETE FROM events', /tailnet-a.*last event at none, and 0 events/],
    ['its head is gone', 'DELETE FROM heads', /tailnet-a.*head at revision none/],
    ['its head is behind', 'UPDATE heads SET revision = 18', /tailnet-a.*head at revision 18/],
    ['the hash of its head is another', `UPDATE heads SET hash = '${'0'.repeat(64)}'`, /tailnet-a/],
  ])('a stream of which %s', async (_, sql, message) => {
    const file = await ledger(2);
    changeBySql(file, sql);
    expect(() => openSqliteEventStore(file)).toThrow(problem('store.corrupt', file, expect.stringMatching(message)));
  });

  test('the lock is given back, so that a mended file can be opened', async () => {
    const file = await ledger(1);
    changeBySql(file, 'PRAGMA user_version = 99');
    expect(() => openSqliteEventStore(file)).toThrow();
    changeBySql(file, 'PRAGMA user_version = 1');
    await openSqliteEventStore(file).close();
  });
});

test('damage that comes later stops the reader and the subscription that meet it, and names the file', async () => {
  const file = await ledger(40, 250); // more than SQLite keeps in memory
  const store = openSqliteEventStore(file);
  const pages = statSync(file).size / 4096;
  for (let page = 2; page < pages; page++) overwrite(file, page * 4096, new Uint8Array(64).fill(0xff));
  const corrupt = problem('store.corrupt', file);
  await expect(collect(store.readAll())).rejects.toEqual(corrupt);
  const subscription = store.subscribe({ after: undefined }, () => {});
  expect(await subscription.closed).toEqual(corrupt);
  await expect(subscription.caughtUp).rejects.toEqual(corrupt);
  await store.close();
});

test('an event that somebody put behind the head stops the append that meets it, and no other', async () => {
  const file = await ledger(1);
  const store = openSqliteEventStore(file);
  changeBySql(file, `INSERT INTO events SELECT position + 100, stream, 11, hash, body FROM events WHERE revision = 9`);
  const [, blocked = []] = testAppends('tailnet-a', 2, 10);
  const [other = []] = testAppends('tailnet-b', 1, 10);
  const outcomes = await Promise.allSettled([
    store.append('tailnet-a', 9, blocked),
    store.append('tailnet-b', -1, other),
  ]);
  expect(outcomes).toMatchObject([{ reason: problem('store.corrupt', file) }, { status: 'fulfilled' }]);
  expect(await store.head('tailnet-a')).toMatchObject({ revision: 9 });
  expect(await collect(store.read('tailnet-a', { from: 10 }))).toHaveLength(1);
  await store.close();
});
