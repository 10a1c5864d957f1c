import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

/** What the linter says of this source if it stood in this file. */
function lint(file: string, source: string): string {
  const biome = 'node_modules/@biomejs/biome/bin/biome';
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', `--stdin-file-path=${file}`], {
    input: source,
    encoding: 'utf8',
  });
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
    expect(lint('libs/tailnet/src/pure.ts', 'export const at = (now: number) => new Date(now);\n')).not.toContain(
      'A pure',
    );
  });
});
