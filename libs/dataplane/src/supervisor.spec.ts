import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { NetfoldError, type Problem } from '#kernel';
import { Supervisor } from './supervisor.js';
import type { WorkerSetup } from './worker/protocol.js';
import type { LinkListener, WorkerLink } from './worker-link.js';

const CRASH: Problem = { code: 'dataplane.lost', message: 'its thread ended' };
const GONE: Problem = { code: 'host.tun_lost', message: 'the interface was lost' };
const READY = { kind: 'ready', crypto: 'noble', cryptos: [] } as const;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A supervisor of workers that do what the test says, and all that it tells. */
function supervised(restored: () => void = () => {}) {
  const workers: LinkListener[] = [];
  const told: string[] = [];
  let stopped = 0;
  const supervisor = new Supervisor(
    {} as WorkerSetup,
    {
      note: ({ kind }) => told.push(kind),
      failed: ({ code }) => told.push(code),
      restarted: () => {
        told.push('restarted');
        restored();
      },
    },
    (_, listener) => {
      workers.push(listener);
      return { stop: async () => void stopped++ } as unknown as WorkerLink;
    },
  );
  const last = () => workers.at(-1) as LinkListener;
  /** Milliseconds from the end of a worker to the start of the next one. */
  const untilNext = () => {
    const [before, began] = [workers.length, Date.now()];
    while (workers.length === before) jest.advanceTimersByTime(1);
    return Date.now() - began;
  };
  return { supervisor, workers, told, last, untilNext, stopped: () => stopped };
}

test('it has started when the first worker is ready; one that never is says why, and is not followed', async () => {
  const good = supervised();
  good.last().note(READY);
  expect(await good.supervisor.started).toBeUndefined();

  const bad = supervised();
  bad.last().ended(CRASH);
  expect(await bad.supervisor.started).toEqual(CRASH);
  jest.advanceTimersByTime(60_000);
  expect([bad.workers.length, bad.told]).toEqual([1, []]);

  const refused = supervised();
  refused.last().note({ kind: 'failed', problem: GONE });
  refused.last().ended(CRASH);
  expect(await refused.supervisor.started).toEqual(GONE);
});

test('a worker that ends is followed, later each time, and at once again after one that lasted', () => {
  const { supervisor, told, last, untilNext } = supervised();
  last().note(READY);
  const waited = Array.from({ length: 10 }, () => {
    last().ended(CRASH);
    const time = untilNext();
    last().note(READY);
    return time;
  });
  expect(waited).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  expect(supervisor.restarts).toBe(10);
  expect(told.slice(0, 5)).toEqual(['ready', 'dataplane.lost', 'ready', 'restarted', 'dataplane.lost']);
  jest.advanceTimersByTime(60_001);
  last().ended(CRASH);
  expect(untilNext()).toBe(50);
});

test('what another worker would not do better ends it', () => {
  const { workers, told, last } = supervised();
  last().note(READY);
  last().note({ kind: 'failed', problem: GONE });
  last().ended(CRASH);
  jest.advanceTimersByTime(60_000);
  expect(told).toEqual(['ready', 'failed', 'host.tun_lost']);
  expect(workers).toHaveLength(1);
});

test('a worker that is lost while it is told all is followed as well; what else is wrong with that is told', () => {
  let thrown: Error = new NetfoldError(CRASH);
  const { told, last, untilNext } = supervised(() => {
    throw thrown;
  });
  last().note(READY);
  last().ended(CRASH);
  untilNext();
  last().note(READY);
  expect(told.slice(-1)).toEqual(['restarted']);
  last().ended(CRASH);
  untilNext();
  thrown = new TypeError('a mistake');
  last().note(READY);
  expect(told.slice(-2)[0]).toBe('restarted');
  expect(told).toHaveLength(8);
});

test('nothing follows once it is closed', async () => {
  const { supervisor, workers, told, last, stopped } = supervised();
  last().note(READY);
  last().ended(CRASH);
  await supervisor.close();
  jest.advanceTimersByTime(60_000);
  last().ended(CRASH);
  expect([workers.length, stopped(), told]).toEqual([1, 1, ['ready', 'dataplane.lost']]);
});
