import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { libc } from '#host';
import type { Problem } from '#kernel';
import type { WorkerSetup } from './worker/protocol.js';
import { WorkerLink } from './worker-link.js';

/** A thread that looks at nothing, ends for nobody, and answers no request. */
const HANGS = new URL('data:text/javascript,for (;;);');
let wakeFd: number;

beforeEach(() => {
  wakeFd = libc.eventfd(0, libc.O_NONBLOCK | libc.O_CLOEXEC);
});
afterEach(() => {
  jest.useRealTimers();
  libc.close(wakeFd);
});

function hanging() {
  const ended = Promise.withResolvers<Problem>();
  const link = new WorkerLink({ wakeFd } as WorkerSetup, { note: () => {}, ended: ended.resolve }, HANGS);
  return { link, ended: ended.promise };
}

test('a thread that hangs is ended by force when it is told to end', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
  const { link } = hanging();
  let stopped = false;
  const stopping = link.stop().then(() => {
    stopped = true;
  });
  jest.advanceTimersByTime(4_999);
  await new Promise(process.nextTick);
  expect(stopped).toBe(false);
  jest.advanceTimersByTime(1);
  await stopping;
  expect(jest.getTimerCount()).toBe(0);
});

test('a thread that is being ended by force is asked nothing more: who asks would wait for a thread that hangs', async () => {
  const { link, ended } = hanging();
  expect(link.isAlive).toBe(true);
  link.terminate('it was told to start again');
  expect(link.isAlive).toBe(false);
  expect(() => link.call('splits')).toThrow('it was told to start again');
  expect(await ended).toMatchObject({ code: 'dataplane.lost', message: expect.stringMatching(/told to start again/) });
  await link.stop();
});
