import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { FlushQueue } from './flush-queue.js';

test('each waits once, however often it is added, and is flushed in a later turn', async () => {
  const queue = new FlushQueue();
  let flushed = 0;
  const one = { flush: () => flushed++, failed: () => {} };
  queue.add(one);
  queue.add(one);
  expect(flushed).toBe(0);
  await turn();
  expect(flushed).toBe(1);
});

test('one whose flush throws is told, and does not stop the others', async () => {
  const queue = new FlushQueue();
  const broken = new Error('this frame cannot be encoded');
  const failures: unknown[] = [];
  let flushed = false;
  queue.add({
    flush: () => {
      throw broken;
    },
    failed: (error) => failures.push(error),
  });
  queue.add({
    flush: () => {
      flushed = true;
    },
    failed: () => {},
  });
  await turn();
  expect(failures).toEqual([broken]);
  expect(flushed).toBe(true);
});
