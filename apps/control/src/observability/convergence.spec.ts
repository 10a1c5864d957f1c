import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StoredEvent } from '#event-store';
import { Convergence } from './convergence.js';

const event = (revision: number, recordedAt = 1_000) => ({ revision, recordedAt }) as StoredEvent;

function setup() {
  const clock = { now: 1_000, monotonic: 0 };
  const told: string[] = [];
  const convergence = new Convergence(
    {
      finished: (tailnet, { revision }, ms) => told.push(`${tailnet}@${revision} after ${ms}`),
      abandoned: (tailnet, { revision }, missing) => told.push(`${tailnet}@${revision} without ${missing}`),
    },
    () => clock.now,
    () => clock.monotonic,
  );
  const pass = (ms: number) => {
    clock.now += ms;
    clock.monotonic += ms;
  };
  return { convergence, told, pass };
}

const [a, b, c] = [{}, {}, {}];

describe('an event is finished', () => {
  test('with the last acknowledgement of whom it concerns', () => {
    const { convergence, told, pass } = setup();
    convergence.began('t', event(7), [a, b]);
    pass(10);
    convergence.applied('t', a, 7);
    convergence.applied('t', c, 9);
    convergence.applied('u', b, 9);
    pass(20);
    expect(told).toEqual([]);
    expect([convergence.unfinished, convergence.oldestSeconds]).toEqual([1, 0.03]);
    convergence.applied('t', b, 8);
    expect(told).toEqual(['t@7 after 30']);
    expect([convergence.unfinished, convergence.oldestSeconds]).toEqual([0, 0]);
  });

  test('when the last of them leaves', () => {
    const { convergence, told } = setup();
    convergence.began('t', event(7), [a]);
    convergence.left('t', a);
    expect(told).toEqual(['t@7 after 0']);
  });

  test('never by an acknowledgement of what came before it', () => {
    const { convergence, told } = setup();
    convergence.began('t', event(7), [a]);
    convergence.applied('t', a, 6);
    expect(told).toEqual([]);
  });
});

test('an event that concerns nobody here is not watched', () =>
  expect(setup().convergence.began('t', event(1), [])).toBe(false));

test('a clock that was behind its writer’s makes no negative time', () => {
  const { convergence, told } = setup();
  convergence.began('t', event(1, 99_999), [a]);
  convergence.applied('t', a, 1);
  expect(told).toEqual(['t@1 after 0']);
});

test('an agent that never answers is given up', () => {
  const { convergence, told, pass } = setup();
  convergence.began('t', event(1), [a, b]);
  convergence.applied('t', b, 1);
  pass(60_001);
  expect(convergence.began('t', event(2), [b])).toBe(true);
  expect(told).toEqual(['t@1 without 1']);
  expect(convergence.unfinished).toBe(1);
});

test('no more is watched than there is room for', () => {
  const { convergence } = setup();
  const watched = Array.from({ length: 70 }, (_, i) => convergence.began('t', event(i), [a]));
  expect(watched.filter(Boolean)).toHaveLength(64);
  convergence.applied('t', a, 69);
  expect(convergence.unfinished).toBe(0);
});

test('however events and acknowledgements interleave, each watched event finishes once, with its last acknowledgement', () => {
  const step = fc.record({ agent: fc.nat(2), acks: fc.boolean(), concerned: fc.subarray([0, 1, 2]) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const agents = [a, b, c];
      const { convergence, told } = setup();
      const holds = [-1, -1, -1];
      const expected = new Set<number>();
      const open = new Map<number, number[]>();
      let revision = -1;
      for (const { agent, acks, concerned } of steps) {
        if (acks) {
          holds[agent] = revision;
          convergence.applied('t', agents[agent] ?? {}, revision);
        } else if (
          convergence.began(
            't',
            event(++revision),
            concerned.map((i) => agents[i] ?? {}),
          )
        ) {
          open.set(revision, concerned);
        }
        for (const [at, who] of open) if (who.every((i) => (holds[i] ?? -1) >= at)) expected.add(at);
        expect(new Set(told.map((line) => Number(/@(\d+)/.exec(line)?.[1])))).toEqual(expected);
        expect(told).toHaveLength(expected.size);
      }
    }),
  );
});
