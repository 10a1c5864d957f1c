import { expect, test } from '@jest/globals';
import { ServerStatus } from './server-status.js';

test('a server is ready when nothing speaks against it, and says what does', () => {
  const status = new ServerStatus('1', false);
  expect(status.unready?.code).toBe('control.starting');
  status.ready = true;
  expect(status.unready).toBeUndefined();
  status.store = { code: 'control.behind', message: 'behind' };
  expect(status.unready?.code).toBe('control.behind');
  status.drain();
  expect([status.unready?.code, status.stopping.aborted]).toEqual(['control.draining', true]);
  status.problem = { code: 'store.corrupt', message: 'damaged', where: 'here' };
  expect(status.unready).toMatchObject({ code: 'control.broken', where: 'here' });
});
