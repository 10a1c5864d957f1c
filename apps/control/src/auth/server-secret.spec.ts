import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadServerSecret, ServerSecret } from './server-secret.js';

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

describe('that replicas share', () => {
  const load = () => loadServerSecret(join(directory, 'state'), join(directory, 'shared'));
  const coded = (code: string) => expect.objectContaining({ code, where: join(directory, 'shared') });

  test('is read from its file, and none is made', () => {
    writeFileSync(join(directory, 'shared'), new Uint8Array(32).fill(7), { mode: 0o600 });
    expect(load().derive('x')).toEqual(new ServerSecret(new Uint8Array(32).fill(7)).derive('x'));
    expect(existsSync(join(directory, 'state', 'server-secret'))).toBe(false);
  });

  test('is refused when it is not there, has another size, or others may read it', () => {
    expect(load).toThrow(coded('secret.unreadable'));
    writeFileSync(join(directory, 'shared'), new Uint8Array(33), { mode: 0o600 });
    expect(load).toThrow(coded('secret.wrong_size'));
    for (const mode of [0o604, 0o640, 0o620, 0o606]) {
      chmodSync(join(directory, 'shared'), mode);
      expect(load).toThrow(coded('secret.exposed'));
    }
  });
});
