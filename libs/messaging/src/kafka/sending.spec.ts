import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromUtf8, NetfoldError, type Problem, problemOf, utf8 } from '#kernel';
import type { Message } from '../bus.js';
import type { Topic } from '../topic.js';
import { Outbox } from './outbox.js';
import { PublishQueue } from './publish-queue.js';

const events: Topic = { name: 'netfold.test.events', keeps: { forMs: 1000 } };
const newest: Topic = { name: 'netfold.test.newest', keeps: 'newest-per-key' };
const said = (key: string, value: string): Message => ({ key, value: utf8(value) });
const failure = (code: string) => new NetfoldError({ code, message: code });
const runs = (numRuns: number) => ({ numRuns });
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

const hurried = { wait: () => turns(1), reset: () => {} };

type Fate = 'taken' | 'refused' | 'lost';

/** Brokers that take a batch, refuse it, or take it and do not say so. */
class Brokers {
  readonly taken: [key: string, value: string][] = [];
  readonly sizes: number[] = [];
  atOnce = 0;
  fates: Fate[] = [];

  readonly send = async (_: Topic, messages: readonly Message[]): Promise<void> => {
    expect(++this.atOnce).toBe(1);
    await turns(1);
    const fate = this.fates.shift() ?? 'taken';
    this.sizes.push(messages.length);
    if (fate !== 'refused')
      this.taken.push(...messages.map(({ key, value }) => [key, fromUtf8(value ?? utf8(''))] as [string, string]));
    this.atOnce -= 1;
    if (fate !== 'taken') throw failure('bus.unavailable');
  };
}

const fates = fc.array(fc.constantFrom<Fate>('taken', 'refused', 'lost'), { maxLength: 8 });

describe('what waits for its acknowledgement', () => {
  test('is there in the order of the calls, and whoever is told that it is not may send it again', () =>
    fc.assert(
      fc.asyncProperty(fates, fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(2))), async (all, calls) => {
        const brokers = new Brokers();
        brokers.fates = [...all];
        const queue = new PublishQueue(events, brokers);
        const outcomes: Promise<boolean>[] = [];
        for (const [call, [size, pause]] of calls.entries()) {
          const messages = Array.from({ length: size }, (_, i) => said('k', `${call}.${i}`));
          outcomes.push(
            queue.publish(messages).then(
              () => true,
              () => false,
            ),
          );
          await turns(pause);
        }
        const acknowledged = await Promise.all(outcomes);
        const taken = brokers.taken.map(([, value]) => value);
        expect(taken).toEqual([...taken].sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b)));
        for (const [call, [size]] of calls.entries()) {
          const there = taken.filter((value) => value.startsWith(`${call}.`)).length;
          if (acknowledged[call]) expect(there).toBe(size);
        }
        expect(queue.waiting).toBe(0);
        expect(queue.dropped).toBe(calls.reduce((sum, [size], i) => sum + (acknowledged[i] ? 0 : size), 0));
        await queue.close();
      }),
      runs(40),
    ));

  test('goes in batches that a broker takes, and is refused when too much waits', async () => {
    const brokers = new Brokers();
    const queue = new PublishQueue(events, brokers);
    const large = Array.from({ length: 5 }, (_, i) => ({ key: String(i), value: new Uint8Array(400_000) }));
    const first = queue.publish(large);
    await expect(queue.publish(Array.from({ length: 20_000 }, () => said('k', '')))).rejects.toMatchObject({
      code: 'bus.full',
    });
    await first;
    expect(brokers.sizes).toEqual([2, 2, 1]);
    await queue.close();
    await expect(queue.publish([said('k', '')])).rejects.toMatchObject({ code: 'bus.closed' });
  });
});

describe('what is newest', () => {
  test('is there in the end, and never replaced by something older, whatever the brokers do', () =>
    fc.assert(
      fc.asyncProperty(fates, fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(2))), async (all, changes) => {
        const brokers = new Brokers();
        brokers.fates = [...all];
        const outbox = new Outbox(newest, brokers, () => {}, hurried);
        const model = new Map<string, string>();
        for (const [i, [key, pause]] of changes.entries()) {
          outbox.publish([said(key, String(i))]);
          model.set(key, String(i));
          expect(outbox.waiting).toBeLessThanOrEqual(6);
          await turns(pause);
        }
        while (outbox.waiting > 0) await turns(1);
        expect(new Map(brokers.taken)).toEqual(model);
        for (const key of ['a', 'b', 'c']) {
          const values = brokers.taken.filter(([of]) => of === key).map(([, value]) => Number(value));
          expect(values).toEqual(values.toSorted((x, y) => x - y));
        }
        await outbox.close(0);
      }),
      runs(40),
    ));

  test('is given up when the brokers stay away, and counted', async () => {
    const away = { send: async () => Promise.reject(failure('bus.unavailable')) };
    const outbox = new Outbox(newest, away, () => {});
    outbox.publish([said('a', '1'), said('b', '1')]);
    outbox.publish([said('a', '2')]);
    await outbox.close(10);
    expect([outbox.waiting, outbox.dropped]).toEqual([0, 2]);
    expect(() => outbox.publish([said('a', '3')])).toThrow(expect.objectContaining({ code: 'bus.closed' }));
  });

  test('that brokers find too large is told and dropped, and what waits beside it is sent', async () => {
    const taken: string[] = [];
    const problems: Problem[] = [];
    const picky = {
      send: async (_: Topic, messages: readonly Message[]) => {
        if (messages.some(({ key }) => key === 'large')) throw failure('bus.too_large');
        taken.push(...messages.map(({ key }) => key));
      },
    };
    const outbox = new Outbox(newest, picky, (problem) => problems.push(problemOf(problem)), hurried);
    outbox.publish([said('small', ''), said('large', ''), said('other', '')]);
    while (outbox.waiting > 0) await turns(1);
    expect(taken.sort()).toEqual(['other', 'small']);
    expect(outbox.dropped).toBe(1);
    expect(problems.at(-1)).toMatchObject({ code: 'bus.too_large' });
    await outbox.close(0);
  });
});
