import { describe, expect, test } from '@jest/globals';
import { NetfoldError } from '#kernel';
import { WrongExpectedRevision } from '../errors.js';
import { EMPTY_HEAD, type LedgerEvent } from '../event.js';
import { MAX_EVENT_BYTES } from '../event-hash.js';
import { headAfter, seal } from '../seal.js';
import { verifyChain } from '../verify-chain.js';
import { collect, RECORDED_AT, sealedEvent, testAppends, testDraft, testEvents } from './fixtures.js';
import type { StoreUnderTest } from './store-under-test.js';

export function appendContract(subject: StoreUnderTest): void {
  const stored = async (stream: string) => (await collect(subject.store.read(stream))).map(sealedEvent);

  describe('append', () => {
    test('keeps the events verbatim and answers with the last one', async () => {
      const stream = subject.stream();
      const events = testEvents(stream, 3);
      const appended = await subject.append(events);
      expect(appended.revision).toBe(2);
      expect(appended.position).toBeGreaterThan(subject.start);
      expect(await stored(stream)).toEqual(events);
      expect((await collect(subject.store.read(stream))).at(-1)?.position).toBe(appended.position);
    });

    test('moves the head of its stream only', async () => {
      const [first = [], second = []] = testAppends(subject.stream(), 2, 2);
      expect(await subject.store.head(subject.stream())).toEqual(EMPTY_HEAD);
      await subject.append(first);
      expect(await subject.store.head(subject.stream())).toEqual(headAfter(EMPTY_HEAD, first));
      await subject.append(second);
      expect(await subject.store.head(subject.stream())).toEqual(headAfter(EMPTY_HEAD, second));
      expect(await subject.store.head(subject.stream('other'))).toEqual(EMPTY_HEAD);
    });

    test('of nothing is refused', async () => {
      await expect(subject.store.append(subject.stream(), -1, [])).rejects.toMatchObject({
        code: 'store.nothing_to_append',
        where: subject.stream(),
      });
    });

    test.each(['', '$all', 'a b', 'Tailnet', `a${'b'.repeat(200)}`])(
      'to a stream named %p is refused',
      async (name) => {
        await expect(subject.append(testEvents(name, 1))).rejects.toMatchObject({ code: 'store.bad_stream_name' });
      },
    );

    test.each([
      ['below', 1],
      ['above', 3],
      ['as if the stream did not exist', -1],
    ])('with an expected revision %s is refused and says where the stream is', async (_, expected) => {
      const stream = subject.stream();
      const events = testEvents(stream, 3);
      await subject.append(events);
      const late = testEvents(stream, 1, { revision: expected, hash: EMPTY_HEAD.hash }, 'late');
      const refusal = await subject.append(late).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(WrongExpectedRevision);
      expect(refusal).toMatchObject({ code: 'store.wrong_expected_revision', stream, expected, actual: 2 });
      expect(await stored(stream)).toEqual(events);
    });

    test('to a stream that was expected to exist is refused', async () => {
      const events = testEvents(subject.stream(), 1, { revision: 0, hash: EMPTY_HEAD.hash });
      await expect(subject.append(events)).rejects.toMatchObject({ expected: 0, actual: -1 });
    });

    test('survives any text and large payloads', async () => {
      const stream = subject.stream();
      const data = {
        'ключ "\\\n\u0000': 'naïve 🦊 \u2028 e\u0301 𝒳 \u{10ffff}',
        __proto__x: null,
        numbers: [0, -1, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, 0.1 + 0.2],
        large: 'ß'.repeat(MAX_EVENT_BYTES / 2 - 1_000),
      };
      const events = seal(EMPTY_HEAD, [testDraft({ stream, data })], RECORDED_AT);
      await subject.append(events);
      expect(await stored(stream)).toEqual(events);
      expect((await stored(stream))[0]?.data).toEqual(data);
    });

    test('to many streams at once keeps each in order', async () => {
      const names = Array.from({ length: 100 }, (_, i) => subject.stream(`tailnet-${String(i).padStart(3, '0')}`));
      const appends = names.map((name) => testAppends(name, 3, 2));
      await Promise.all(appends.flat().map((events) => subject.append(events)));
      expect((await subject.store.streams()).filter((name) => names.includes(name))).toEqual(names);
      for (const [i, name] of names.entries()) expect(await stored(name)).toEqual(appends[i]?.flat());
    });
  });

  describe('a broken chain is refused:', () => {
    const broken: [string, (events: readonly LedgerEvent[]) => LedgerEvent[]][] = [
      ['changed content', ([a, b]) => [a, { ...b, data: { n: 99 } } as LedgerEvent] as LedgerEvent[]],
      ['a changed hash', ([a, b]) => [{ ...a, hash: 'f'.repeat(64) }, b] as LedgerEvent[]],
      ['a gap', ([a, , c]) => [a, c] as LedgerEvent[]],
      ['another order', ([a, b, c]) => [a, c, b] as LedgerEvent[]],
      ['another history', ([a]) => testEvents(a?.stream ?? '', 2, { revision: 0, hash: 'e'.repeat(64) })],
      ['a later start', ([, b]) => [b] as LedgerEvent[]],
      ['an event of another stream', ([a]) => [a, ...testEvents('other', 2).slice(1)] as LedgerEvent[]],
    ];

    test.each(broken)('%s', async (_, breakIt) => {
      const stream = subject.stream();
      const [first = [], second = []] = testAppends(stream, 2, 3);
      const [root, ...rest] = [...first, ...second];
      await subject.append([root as LedgerEvent]);
      const refusal = await subject.store.append(stream, 0, breakIt(rest)).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(NetfoldError);
      expect(refusal).toMatchObject({ code: 'store.bad_chain', where: stream });
      expect(await stored(stream)).toEqual([root]);
      await subject.append(rest);
      expect(await stored(stream)).toEqual([root, ...rest]);
    });
  });

  describe('concurrent writers', () => {
    test('of one revision: one wins, the others learn the revision', async () => {
      const stream = subject.stream();
      const rivals = Array.from({ length: 20 }, (_, i) => testEvents(stream, 2, EMPTY_HEAD, `rival-${i}`));
      const outcomes = await Promise.allSettled(rivals.map((events) => subject.append(events)));
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(await stored(stream)).toEqual(rivals[winners[0] ?? -1]);
      const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      for (const reason of losers) expect(reason).toMatchObject({ expected: -1, actual: 1 });
    });

    test('who decide again all come in, and the chain holds', async () => {
      const stream = subject.stream();
      const write = async (writer: number) => {
        for (let attempt = 0; ; attempt++) {
          const head = await subject.store.head(stream);
          try {
            return await subject.append(testEvents(stream, 2, head, `writer-${writer}`));
          } catch (error) {
            if (!(error instanceof WrongExpectedRevision) || attempt > 50) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)));
      const events = await stored(stream);
      expect(new Set(events.map(({ commandId }) => commandId)).size).toBe(20);
      expect(await verifyChain(events, { through: await subject.store.head(stream) })).toMatchObject({ revision: 39 });
    });

    test('in one turn are judged one by one: what is wrong with one is no other’s business', async () => {
      const stream = subject.stream();
      const [a = [], b = [], c = []] = testAppends(stream, 3, 2);
      const outcomes = await Promise.allSettled([
        subject.append(a),
        subject.append(testEvents(stream, 1, EMPTY_HEAD, 'rival')),
        subject.append(b),
        subject.store.append(stream, 3, [{ ...c[0], data: {} } as LedgerEvent]),
        subject.append(c),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(await stored(stream)).toEqual([...a, ...b, ...c]);
    });
  });
}
