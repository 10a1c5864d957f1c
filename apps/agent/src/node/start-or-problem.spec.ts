import { expect, test } from '@jest/globals';
import { NetfoldError } from '#kernel';
import { startOrProblem } from './start-or-problem.js';

const failing = (error: Error) => startOrProblem(() => Promise.reject(error));

test('what only a thread has trouble with is no reason to do without a network, whatever its code is', async () => {
  expect(await startOrProblem(async () => 'a path')).toBe('a path');
  const lost = { code: 'dataplane.lost', message: 'its thread ended' };
  expect(await failing(new NetfoldError(lost))).toEqual(lost);
  expect(await failing(new RangeError('no memory is left'))).toEqual({
    code: 'internal',
    message: 'no memory is left',
  });
  // As a worker tells it.
  const memory = { code: 'internal', message: 'mmap failed with ENOMEM' };
  expect(await failing(new NetfoldError(memory))).toEqual(memory);
});

test.each(['crypto.unusable', 'host.need_root', 'host.port_in_use', 'host.interface_in_use'])(
  '%s is told at once: it would be no better without a thread, or is what somebody asked for',
  async (code) => {
    await expect(failing(new NetfoldError({ code, message: 'it cannot be' }))).rejects.toMatchObject({ code });
  },
);
