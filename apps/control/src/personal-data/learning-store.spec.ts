import { expect, test } from '@jest/globals';
import { MemoryRegisters } from '#coordination';
import { seededRandom } from '#crypto/testing';
import { EMPTY_HEAD, type EventDraft, memoryEventStore, seal } from '#event-store';
import { openPersonalData, sealPersonalData } from '#personal-data';
import { learningStore } from './learning-store.js';
import { SharedPersonKeys } from './shared-person-keys.js';

const draft = (login: string): EventDraft => ({
  stream: 's',
  type: 'UserJoined',
  version: 1,
  actor: { kind: 'system', id: 'test' },
  commandId: login,
  data: { login },
});

test('an event is handed out when the keys of those whom it names are known, however it is read', async () => {
  const [registers, store] = [new MemoryRegisters(), memoryEventStore()];
  const open = (seed: number) => SharedPersonKeys.open(registers, new Uint8Array(32), seededRandom(seed));
  const readers = [await open(2), await open(3), await open(4)];
  const writer = await open(1);
  const logins = ['alice@example.com', 'bob@example.com'];
  const drafts = logins.map((login) => sealPersonalData(draft(login), writer));
  await writer.settled();
  await store.append('s', -1, seal(EMPTY_HEAD, drafts, 1));

  const [all, one, followed] = readers.map((people) => ({ people, store: learningStore(store, people) }));
  const seen: unknown[] = [];
  for await (const event of all?.store.readAll() ?? []) seen.push(openPersonalData(event, all?.people ?? writer).data);
  for await (const event of one?.store.read('s') ?? []) seen.push(openPersonalData(event, one?.people ?? writer).data);
  const subscription = followed?.store.subscribe({ after: undefined }, (event) => {
    seen.push(openPersonalData(event, followed.people).data);
  });
  await subscription?.caughtUp;
  await subscription?.close();
  expect(seen).toEqual([...logins, ...logins, ...logins].map((login) => ({ login })));
  await store.close();
});
