import { expect, test } from '@jest/globals';
import { EMPTY_HEAD, type EventDraft, type LedgerEvent, seal } from '#event-store';
import type { JsonObject } from '#kernel';
import { TailnetFold } from './tailnet-fold.js';

const draft = (type: string, data: JsonObject): EventDraft => ({
  stream: 'tailnet-t1',
  type,
  version: 1,
  actor: { kind: 'system', id: 'test' },
  commandId: `c-${type}`,
  data,
});
const [created, unknown] = seal(
  EMPTY_HEAD,
  [
    draft('TailnetCreated', { tailnetId: 't1', name: 'home', dnsSuffix: 'home.internal', ula: 'fd00::/48' }),
    draft('FromTheFuture', {}),
  ],
  0,
) as [LedgerEvent, LedgerEvent];

test('whoever waits for a revision gets the state at it, and an event from the future changes the revision only', async () => {
  const fold = new TailnetFold();
  const waiting = Promise.all([fold.reached(0), fold.reached(1)]);
  fold.apply({ ...created, position: 1 });
  fold.apply({ ...unknown, position: 2 });
  const [first, second] = await waiting;
  expect(first.tailnet?.name).toBe('home');
  expect(second).toMatchObject({ revision: 1, tailnet: first.tailnet });
  expect(await fold.reached(0)).toBe(second);
});

test('a wait ends with its signal', async () => {
  const fold = new TailnetFold();
  const stop = new AbortController();
  const waiting = fold.reached(0, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'control.behind' });
  await expect(fold.reached(0, stop.signal)).rejects.toMatchObject({ code: 'control.behind' });
});

test('what a writer foresaw is taken over as it is, and only for that very event', () => {
  const [fold, other] = [new TailnetFold(), new TailnetFold()];
  const foreseen = { ...fold.state, revision: 0 };
  for (const one of [fold, other]) one.foresee([{ event: created, state: foreseen }]);
  fold.apply({ ...created, position: 1 });
  expect(fold.state).toBe(foreseen);
  other.apply({ ...created, hash: 'another', position: 1 });
  expect(other.state).not.toBe(foreseen);
});
