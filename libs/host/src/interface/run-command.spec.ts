import { expect, test } from '@jest/globals';
import { runCommand } from './run-command.js';

test('the output of a program that read its input', async () => {
  expect(await runCommand('cat', ['-'], 'through')).toBe('through');
  expect(await runCommand('cat', [])).toBe('');
});

test('input that a program does not read is no failure', async () => {
  expect(await runCommand('true', [], 'x'.repeat(1 << 20))).toBe('');
});

test('what failed, and what it said', async () => {
  await expect(runCommand('sh', ['-c', 'echo broken >&2; exit 3'])).rejects.toMatchObject({
    code: 'host.command_failed',
    message: 'broken',
    where: 'sh -c echo broken >&2; exit 3',
  });
});

test('a lack of permission is told apart', async () => {
  const words = ['-c', 'echo RTNETLINK answers: Operation not permitted >&2; exit 2'];
  await expect(runCommand('sh', words)).rejects.toMatchObject({ code: 'host.need_root' });
});

test('a program that is not installed is named, with its package', async () => {
  await expect(runCommand('nosuchprogram', ['link'])).rejects.toMatchObject({
    code: 'host.no_nosuchprogram_tool',
    hint: expect.stringContaining('install the package nosuchprogram'),
  });
});
