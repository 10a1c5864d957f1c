import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

test('the schema of events is what the types of the domain say', () => {
  const { status, stderr } = spawnSync(process.execPath, ['proto/events/generate.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
