import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadServerSecret } from './server-secret.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netfold-secret-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('is made once, for its owner only, and then found again', () => {
  const stateDir = join(directory, 'new', 'state');
  const first = loadServerSecret(stateDir);
  expect(statSync(join(stateDir, 'server-secret')).mode & 0o777).toBe(0o600);
  expect(loadServerSecret(stateDir).derive('x')).toEqual(first.derive('x'));
});

test('gives each purpose and each context a secret of its own', () => {
  const secret = loadServerSecret(directory);
  const texts = [
    secret.deriveText(32, 'a', 'b', 'c'),
    secret.deriveText(32, 'a', 'bc'),
    secret.deriveText(32, 'ab', 'c'),
    secret.deriveText(32, 'a', 'b', 'd'),
  ];
  expect(new Set(texts).size).toBe(4);
  for (const text of texts) expect(text).toMatch(/^[0-9a-hjkmnp-tv-z]{32}$/);
});

test('that was damaged stops the start, and is not replaced', () => {
  const file = join(directory, 'server-secret');
  writeFileSync(file, 'short');
  expect(() => loadServerSecret(directory)).toThrow(expect.objectContaining({ code: 'state.unusable', where: file }));
  expect(statSync(file).size).toBe(5);
});
