import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import type { Checkpoint } from '#merkle';
import { EMPTY_HEAD } from '../event.js';
import { ledgerOrigin } from '../ledger-leaf.js';
import { headAfter, seal } from '../seal.js';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.js';
import { RECORDED_AT, testDraft, testEvents } from '../testing/fixtures.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openLedgerSource } from './open-ledger.js';
import { verifyLedger } from './verify-ledger.js';

const fileIn = temporaryFolder();
const first = testEvents('tailnet-a', 5);
const second = testEvents('tailnet-a', 3, headAfter(EMPTY_HEAD, first));
const other = testEvents('tailnet-b', 4);

/** A ledger of two streams, whose events take turns. */
async function build(): Promise<void> {
  const store = openSqliteEventStore(fileIn('ledger.db'));
  await store.append('tailnet-a', -1, first);
  await store.append('tailnet-b', -1, other);
  await store.append('tailnet-a', 4, second);
  await store.close();
}

async function verify(checkpoints: readonly Checkpoint[] = []) {
  const source = await openLedgerSource(fileIn('ledger.db'));
  const report = await verifyLedger(source, { checkpoints });
  await source.close();
  return report;
}

/** What a server signed about a stream when the ledger was whole. */
async function signed(stream: string): Promise<Checkpoint> {
  const report = (await verify()).streams.find((one) => one.stream === stream);
  if (!report) throw new Error(`there is no ${stream}`);
  return { origin: ledgerOrigin(stream), size: report.head.revision + 1, root: report.root };
}

function tamper(change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(fileIn('ledger.db'));
  change(database);
  database.close();
}

const sql = (text: string) => (database: DatabaseSync) => database.exec(text);

const AT = (revision: number) => `stream = 'tailnet-a' AND revision = ${revision}`;
/** Swaps the places of two events, in the column that says it. */
const swap = (column: string, spare: number) =>
  sql(`
    UPDATE events SET body = body || ' ' WHERE 0;
    CREATE TEMP TABLE place AS SELECT revision AS r, ${column} AS at FROM events WHERE stream = 'tailnet-a' AND revision IN (2, 4);
    UPDATE events SET ${column} = ${spare} WHERE ${AT(2)};
    UPDATE events SET ${column} = (SELECT at FROM place WHERE r = 2) WHERE ${AT(4)} AND ${column} = (SELECT at FROM place WHERE r = 4);
    UPDATE events SET ${column} = (SELECT at FROM place WHERE r = 4) WHERE stream = 'tailnet-a' AND ${column} = ${spare};`);

/** Puts another history with right hashes in place of the stream. */
function rewrite(database: DatabaseSync): void {
  const drafts = [...first, ...second].map(({ commandId }, i) => testDraft({ commandId, data: { n: i + 100 } }));
  const update = database.prepare("UPDATE events SET body = ?, hash = ? WHERE stream = 'tailnet-a' AND revision = ?");
  for (const { hash, ...envelope } of seal(EMPTY_HEAD, drafts, RECORDED_AT)) {
    update.run(JSON.stringify(envelope), hash, envelope.revision);
  }
  sql(`UPDATE heads SET hash = (SELECT hash FROM events WHERE ${AT(7)}) WHERE stream = 'tailnet-a'`)(database);
}

const CUT = `DELETE FROM events WHERE stream = 'tailnet-a' AND revision > 4;`;
const CUT_WITH_HEAD = `${CUT} UPDATE heads SET revision = 4, hash = (SELECT hash FROM events WHERE ${AT(4)}) WHERE stream = 'tailnet-a';`;

describe('a ledger that nobody touched', () => {
  test('is right, and its checkpoints are confirmed at whatever size', async () => {
    await build();
    const checkpoints = [await signed('tailnet-a'), await signed('tailnet-b')];
    expect(await verify(checkpoints)).toMatchObject({
      events: 12,
      findings: [],
      streams: [
        { stream: 'tailnet-a', head: { revision: 7, hash: second[2]?.hash }, confirmed: [8] },
        { stream: 'tailnet-b', head: { revision: 3, hash: other[3]?.hash }, confirmed: [4] },
      ],
    });
  });

  test('is verified while a server uses it', async () => {
    const store = openSqliteEventStore(fileIn('ledger.db'));
    await store.append('tailnet-a', -1, first);
    expect(await verify()).toMatchObject({ events: 5, findings: [] });
    const source = await openLedgerSource(fileIn('ledger.db'));
    await store.append('tailnet-a', 4, second);
    expect(await verifyLedger(source)).toMatchObject({ events: 5, findings: [] });
    await source.close();
    expect(await verify()).toMatchObject({ events: 8, findings: [] });
    await store.close();
  });
});

describe('a ledger that somebody changed:', () => {
  test.each<[string, (database: DatabaseSync) => void, string, number]>([
    ['content', sql(`UPDATE events SET body = replace(body, '"n":3', '"n":5') WHERE ${AT(3)}`), 'wrong_hash', 3],
    ['an actor', sql(`UPDATE events SET body = replace(body, 'alice', 'mallory') WHERE ${AT(2)}`), 'wrong_hash', 2],
    ['only a blank', sql(`UPDATE events SET body = body || ' ' WHERE ${AT(2)}`), 'wrong_hash', 2],
    ['a hash', sql(`UPDATE events SET hash = '${'0'.repeat(64)}' WHERE ${AT(0)}`), 'wrong_hash', 0],
    ['no JSON', sql(`UPDATE events SET body = '{' WHERE ${AT(6)}`), 'unreadable', 6],
    ['no event', sql(`UPDATE events SET body = '[]' WHERE ${AT(6)}`), 'unreadable', 6],
    ['a deleted event', sql(`DELETE FROM events WHERE ${AT(3)}`), 'wrong_revision', 3],
    ['a deleted start', sql("DELETE FROM events WHERE stream = 'tailnet-a' AND revision < 2"), 'wrong_revision', 0],
    ['revisions that changed places', swap('revision', 99), 'wrong_revision', 2],
    ['positions that changed places', swap('position', 99), 'wrong_revision', 2],
    [
      'an event of another stream',
      sql(
        `UPDATE events SET body = (SELECT body FROM events WHERE stream = 'tailnet-b' AND revision = 1) WHERE ${AT(1)}`,
      ),
      'wrong_stream',
      1,
    ],
    ['a deleted end', sql(CUT), 'truncated', 5],
    ['a deleted stream', sql("DELETE FROM events WHERE stream = 'tailnet-a'"), 'truncated', 0],
    ['a head', sql(`UPDATE heads SET hash = '${'1'.repeat(64)}' WHERE stream = 'tailnet-a'`), 'wrong_head', 7],
    ['a head that is gone', sql("DELETE FROM heads WHERE stream = 'tailnet-a'"), 'wrong_head', 7],
    ['a head that is too low', sql("UPDATE heads SET revision = 3 WHERE stream = 'tailnet-a'"), 'wrong_head', 7],
  ])('%s is found', async (_, change, code, revision) => {
    await build();
    tamper(change);
    const { findings, streams } = await verify();
    expect(findings).toMatchObject([
      { stream: 'tailnet-a', revision, code: `chain.${code}`, where: `tailnet-a@${revision}` },
    ]);
    expect(streams.find(({ stream }) => stream === 'tailnet-b')?.head.revision).toBe(3);
  });

  test.each<[string, (database: DatabaseSync) => void, string, number]>([
    ['an end that is gone with its head', sql(CUT_WITH_HEAD), 'truncated', 5],
    [
      'a stream that is gone with its head',
      sql("DELETE FROM events WHERE stream = 'tailnet-a'; DELETE FROM heads WHERE stream = 'tailnet-a'"),
      'truncated',
      0,
    ],
    ['a history that was rewritten, hashes and all', rewrite, 'rewritten', 7],
  ])('%s is found by a checkpoint, and only by one', async (_, change, code, revision) => {
    await build();
    const checkpoint = await signed('tailnet-a');
    tamper(change);
    expect((await verify()).findings).toEqual([]);
    expect((await verify([checkpoint])).findings).toMatchObject([
      { stream: 'tailnet-a', revision, code: `chain.${code}` },
    ]);
  });

  test('each stream is judged by itself, in the order of the ledger', async () => {
    await build();
    tamper(
      sql(`
      UPDATE events SET body = replace(body, '"n":', '"m":') WHERE stream = 'tailnet-b' AND revision = 0;
      DELETE FROM events WHERE ${AT(6)}`),
    );
    expect((await verify()).findings).toMatchObject([
      { stream: 'tailnet-b', revision: 0 },
      { stream: 'tailnet-a', revision: 6 },
    ]);
  });
});
