import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const biome = resolve('node_modules/@biomejs/biome/bin/biome');
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'netfold-purity-'));
  for (const part of ['.biome.json', 'infra/lint']) cpSync(part, join(copy, part), { recursive: true });
});
afterAll(() => rmSync(copy, { recursive: true }));

/** What the project's linter says of this source if it stood in this file. */
function lint(file: string, source: string): string {
  mkdirSync(join(copy, dirname(file)), { recursive: true });
  writeFileSync(join(copy, file), source);
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', file], { cwd: copy, encoding: 'utf8' });
  expect(stdout + stderr).toContain('Checked 1 file');
  return stdout + stderr;
}

describe('pure libs take the time, randomness and the environment as arguments', () => {
  test.each(['Date.now()', 'new Date()', 'Math.random()', 'performance.now()', 'setTimeout(run, 5)', 'process.env'])(
    '%s is refused',
    (impure) => {
      const source = `export const value = (run: () => void) => [${impure}, run];\n`;
      expect(lint('libs/tailnet/src/impure.ts', source)).toContain('A pure lib takes');
      expect(lint('apps/control/src/impure.ts', source)).not.toContain('A pure lib takes');
    },
  );

  test('a moment that was passed in is fine', () => {
    const source = 'export const at = (now: number) => new Date(now);\n';
    expect(lint('libs/tailnet/src/pure.ts', source)).not.toContain('A pure lib takes');
  });
});
