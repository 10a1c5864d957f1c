import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const FOLDER = join(import.meta.dirname, '../../infra/prometheus');

/** Prometheus' own tool, as Debian's package `prometheus` brings it. */
function promtool(...words: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', words, { cwd: FOLDER, encoding: 'utf8' });
  if (error) throw new Error(`promtool is missing: apt-get install prometheus (${error.message})`);
  return { status, said: stdout + stderr };
}

test.each([
  ['the rules are rules', ['check', 'rules', 'netfold.rules.yml']],
  ['the example configuration is one', ['check', 'config', 'prometheus.example.yml']],
  ['alerts come when they should, and stay away when they should', ['test', 'rules', 'netfold-rules.test.yml']],
])('%s', (_, words) => {
  const { status, said } = promtool(...words);
  expect(said).toContain('SUCCESS');
  expect(said).not.toMatch(/FAILED|lint|duplicate/i);
  expect(status).toBe(0);
});
