import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { checkedStore } from './checked-store.js';
import type { StoredEvent } from './event.js';
import type { EventStore } from './event-store.js';
import { memoryEventStore } from './memory/memory-event-store.js';
import { openSqliteEventStore } from './sqlite/sqlite-event-store.js';
import { eventStoreContract } from './testing/event-store-contract.js';
import { collect, testEvents } from './testing/fixtures.js';
import { temporaryFolder } from './testing/temporary-folder.js';
import type { UnreadableEvent } from './unreadable-event.js';

eventStoreContract('checked', { persistent: false }, async () => ({
  open: async () => checkedStore(memoryEventStore()),
  dispose: async () => {},
}));

describe('an event that somebody changed in the file', () => {
  const fileIn = temporaryFolder();

  /** Asks a store of eight events, after somebody has changed the file under it. */
  async function afterwards<T>(sql: string, ask: (store: EventStore) => Promise<T>): Promise<T> {
    const store = checkedStore(openSqliteEventStore(fileIn('ledger.db')));
    await store.append('tailnet-a', -1, testEvents('tailnet-a', 8));
    const intruder = new DatabaseSync(fileIn('ledger.db'));
    intruder.exec(sql);
    intruder.close();
    return ask(store).finally(() => store.close());
  }

  const EDIT = `UPDATE events SET body = replace(body, '"n":4', '"n":5') WHERE revision = 4`;
  const wrongHash = { code: 'chain.wrong_hash', where: 'tailnet-a@4' };

  test.each<[string, (store: EventStore) => Promise<unknown>]>([
    ['from the start', (store) => collect(store.read('tailnet-a'))],
    ['from itself on', (store) => collect(store.read('tailnet-a', { from: 4, limit: 1 }))],
    ['backwards', (store) => collect(store.read('tailnet-a', { backwards: true }))],
    ['backwards, alone', (store) => collect(store.read('tailnet-a', { from: 4, limit: 1, backwards: true }))],
    ['with all streams', (store) => collect(store.readAll())],
  ])('is not read %s', async (_, ask) => {
    await expect(afterwards(EDIT, ask)).rejects.toMatchObject(wrongHash);
  });

  test('ends a subscription', async () => {
    const seen: number[] = [];
    const problem = await afterwards(
      EDIT,
      (store) => store.subscribe({ after: undefined }, ({ revision }) => void seen.push(revision)).closed,
    );
    expect(problem).toMatchObject({ code: 'store.handler_failed', message: expect.stringContaining('has hash') });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('ends its own stream alone for whoever wants to be told', async () => {
    const seen: string[] = [];
    const unreadable: UnreadableEvent[] = [];
    await afterwards(EDIT, async (store) => {
      await store.append('tailnet-b', -1, testEvents('tailnet-b', 2));
      const start = { after: undefined, unreadable: (event: UnreadableEvent) => void unreadable.push(event) };
      const handler = ({ stream, revision }: StoredEvent) => void seen.push(`${stream}@${revision}`);
      await store.subscribe(start, handler).caughtUp;
    });
    expect(seen).toEqual([0, 1, 2, 3].map((n) => `tailnet-a@${n}`).concat('tailnet-b@0', 'tailnet-b@1'));
    const { id, type } = testEvents('tailnet-a', 8)[4] ?? {};
    expect(unreadable).toEqual([
      { stream: 'tailnet-a', revision: 4, position: 5, id, type, problem: expect.objectContaining(wrongHash) },
    ]);
  });

  test('or that is no event any more, likewise', async () => {
    const unreadable: UnreadableEvent[] = [];
    await afterwards(`UPDATE events SET body = '{' WHERE revision > 5`, async (store) => {
      const start = { after: undefined, unreadable: (event: UnreadableEvent) => void unreadable.push(event) };
      await store.subscribe(start, () => {}).caughtUp;
    });
    const problem = expect.objectContaining({ code: 'store.corrupt' });
    expect(unreadable).toEqual([{ stream: 'tailnet-a', revision: 6, position: 7, problem }]);
  });

  test('keeps nobody from the others', async () => {
    const others = afterwards(EDIT, (store) => collect(store.read('tailnet-a', { limit: 4 })));
    expect(await others).toHaveLength(4);
  });

  test('is missed where it was the first', async () => {
    const ask = (store: EventStore) => collect(store.read('tailnet-a', { backwards: true }));
    await expect(afterwards('DELETE FROM events WHERE revision = 0', ask)).rejects.toMatchObject({
      code: 'chain.wrong_revision',
      where: 'tailnet-a@1',
    });
  });
});
