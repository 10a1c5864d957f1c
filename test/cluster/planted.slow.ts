import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const PROGRAM = join(process.cwd(), 'dist/test/cluster/main.js');
const SMALL = [
  '--rounds',
  '1',
  '--replicas',
  '2',
  '--agents',
  '20',
  '--only',
  'agents move',
  '--no-kafka',
  '--patience',
  '10',
];

/** Runs the suite, small, and gives its exit code and what it printed. */
async function suite(...words: readonly string[]): Promise<{ code: number; printed: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; printed: string }>();
  execFile(process.execPath, [PROGRAM, ...SMALL, ...words], (error, stdout, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, printed: `${stdout}${stderr}` }),
  );
  const ran = await promise;
  const [, left] = /what the processes left: (\S+)/.exec(ran.printed) ?? [];
  if (left) rmSync(left, { recursive: true });
  return ran;
}

// Without one, it finds nothing: `npm run test:cluster`.
test.each([
  // Who was not told in time has asked again, and then it is there, but in another place than another replica had told.
  ['drop', /VIOLATED: (nothing acknowledged is lost|exactly once),/],
  ['duplicate', /VIOLATED: the ledger is one chain,/],
])('a store that is told to %s an append is found out', async (plant, verdict) => {
  const { code, printed } = await suite('--seed', '11', '--plant', plant);
  expect(printed).toMatch(verdict);
  expect(code).toBe(1);
});

test('words that it does not know are refused, with those that it knows', async () => {
  const { code } = await suite('--only', 'rain');
  expect(code).toBe(2);
});
