import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_HEAD, type LedgerEvent } from './event.js';
import { headAfter, seal } from './seal.js';
import { RECORDED_AT, testDraft, testEvents } from './testing/fixtures.js';
import { verifyChain } from './verify-chain.js';

const events = testEvents('tailnet-a', 6);
const through = headAfter(EMPTY_HEAD, events);
const without = (index: number) => events.filter((_, i) => i !== index);

describe('verifyChain', () => {
  test('answers with the head of a whole chain, from any revision on', async () => {
    expect(await verifyChain([])).toEqual(EMPTY_HEAD);
    expect(await verifyChain(events, { through })).toEqual(through);
    const after = headAfter(EMPTY_HEAD, events.slice(0, 4));
    expect(await verifyChain(events.slice(4), { after, through })).toEqual(through);
  });

  test('names the event of which anything was changed', async () => {
    const change = fc.constantFrom<Partial<LedgerEvent>>(
      { id: 'other' },
      { type: 'NodeRemoved' },
      { version: 2 },
      { recordedAt: RECORDED_AT + 1 },
      { actor: { kind: 'system', id: 'user_alice' } },
      { commandId: 'other' },
      { correlation: 'added' },
      { causation: 'added' },
      { data: {} },
      { hash: 'a'.repeat(64) },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(5), change, async (index, changed) => {
        const tampered = events.with(index, { ...(events[index] as LedgerEvent), ...changed });
        await expect(verifyChain(tampered)).rejects.toMatchObject({
          code: 'chain.wrong_hash',
          where: `tailnet-a@${index}`,
        });
      }),
    );
  });

  test('names the event behind one that was removed', () =>
    expect(verifyChain(without(2))).rejects.toMatchObject({ code: 'chain.wrong_revision', where: 'tailnet-a@3' }));

  test('names the first event that stands elsewhere', () =>
    expect(verifyChain([events[0], events[2], events[1]] as LedgerEvent[])).rejects.toMatchObject({
      code: 'chain.wrong_revision',
      where: 'tailnet-a@2',
    }));

  test('names an event of another stream', () =>
    expect(verifyChain([...events, ...testEvents('tailnet-b', 1)])).rejects.toMatchObject({
      code: 'chain.wrong_stream',
      where: 'tailnet-b@0',
    }));

  test('finds a removed end when the head is known', async () => {
    const truncated = { code: 'chain.truncated', where: 'tailnet-a@5' };
    await expect(verifyChain(without(5), { through })).rejects.toMatchObject(truncated);
    await expect(verifyChain([], { through })).rejects.toMatchObject({ code: 'chain.truncated' });
  });

  test('finds a history that was rewritten whole when a head is known', async () => {
    const rewritten = seal(
      EMPTY_HEAD,
      events.map(({ commandId }, i) => testDraft({ commandId, data: { n: i === 3 ? 99 : i } })),
      RECORDED_AT,
    );
    expect(await verifyChain(rewritten)).toMatchObject({ revision: 5 });
    await expect(verifyChain(rewritten, { through })).rejects.toMatchObject({
      code: 'chain.forked',
      where: 'tailnet-a@5',
    });
  });
});
