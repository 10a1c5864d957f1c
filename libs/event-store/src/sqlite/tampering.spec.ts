import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { EMPTY_HEAD } from '../event.js';
import { seal } from '../seal.js';
import { RECORDED_AT, testDraft, testEvents } from '../testing/fixtures.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { verifyChain } from '../verify-chain.js';
import { openSqliteEventStore } from './sqlite-event-store.js';

const fileIn = temporaryFolder();
const events = testEvents('tailnet-a', 8);

/** Verifies a stream whose file somebody changed while the server ran, with the head that was known before. */
async function verifyAfter(tamper: (database: DatabaseSync) => void, knowsHead = true) {
  const store = openSqliteEventStore(fileIn('ledger.db'));
  await store.append('tailnet-a', -1, events);
  const through = await store.head('tailnet-a');
  const intruder = new DatabaseSync(fileIn('ledger.db'));
  tamper(intruder);
  intruder.close();
  try {
    return await verifyChain(store.read('tailnet-a'), knowsHead ? { through } : {});
  } finally {
    await store.close();
  }
}

const sql = (text: string) => (database: DatabaseSync) => database.exec(text);

/** Swaps two events and leaves everything else of the rows as it was. */
const SWAP = `
  UPDATE events SET revision = -1 WHERE revision = 3;
  UPDATE events SET revision = 3 WHERE revision = 5;
  UPDATE events SET revision = 5 WHERE revision = -1;`;

/** Puts another history with correct hashes in place of the whole stream. */
function rewrite(database: DatabaseSync): void {
  const drafts = events.map(({ commandId }, i) => testDraft({ commandId, data: { n: i + 100 } }));
  const update = database.prepare('UPDATE events SET body = ?, hash = ? WHERE revision = ?');
  for (const { hash, ...envelope } of seal(EMPTY_HEAD, drafts, RECORDED_AT)) {
    update.run(JSON.stringify(envelope), hash, envelope.revision);
  }
  sql('UPDATE heads SET hash = (SELECT hash FROM events WHERE revision = 7)')(database);
}

describe('tampering with the file is found:', () => {
  test.each<[string, (database: DatabaseSync) => void, string, number]>([
    ['nothing (the control)', () => {}, '', -1],
    [
      'edited content',
      sql(`UPDATE events SET body = replace(body, '"n":4', '"n":5') WHERE revision = 4`),
      'wrong_hash',
      4,
    ],
    [
      'an edited actor',
      sql(`UPDATE events SET body = replace(body, 'alice', 'mallory') WHERE revision = 2`),
      'wrong_hash',
      2,
    ],
    ['an edited hash', sql(`UPDATE events SET hash = '${'0'.repeat(64)}' WHERE revision = 0`), 'wrong_hash', 0],
    ['a deleted event', sql('DELETE FROM events WHERE revision = 3'), 'wrong_revision', 4],
    ['a deleted start', sql('DELETE FROM events WHERE revision < 2'), 'wrong_revision', 2],
    ['swapped events', sql(SWAP), 'wrong_revision', 5],
    ['a deleted end', sql('DELETE FROM events WHERE revision > 5'), 'truncated', 6],
    [
      'a deleted end with a head to match',
      sql(`DELETE FROM events WHERE revision > 5;
        UPDATE heads SET revision = 5, hash = (SELECT hash FROM events WHERE revision = 5)`),
      'truncated',
      6,
    ],
    ['everything deleted', sql('DELETE FROM events; DELETE FROM heads'), 'truncated', 0],
    ['a history rewritten whole', rewrite, 'forked', 7],
  ])('%s', async (_, tamper, code, revision) => {
    if (code === '') expect(await verifyAfter(tamper)).toMatchObject({ revision: 7 });
    else {
      await expect(verifyAfter(tamper)).rejects.toMatchObject({
        code: `chain.${code}`,
        where: expect.stringContaining(`@${revision}`),
        hint: expect.stringContaining('evidence'),
      });
    }
  });

  test('an edited event is found without a known head too', () =>
    expect(verifyAfter(sql(`UPDATE events SET body = replace(body, '"n":7', '"n":8')`), false)).rejects.toMatchObject({
      code: 'chain.wrong_hash',
      where: 'tailnet-a@7',
    }));
});
