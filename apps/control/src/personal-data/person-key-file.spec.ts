import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { seededRandom } from '#crypto/testing';
import { temporaryFolder } from '#event-store/testing';
import { PersonKeyFile } from './person-key-file.js';

const PEPPER = new Uint8Array(32).fill(7);
const fileIn = temporaryFolder();
const open = (file: string) => new PersonKeyFile(file, PEPPER, seededRandom(1));

test('a person keeps the key, however the address is spelled, also after a restart', () => {
  const file = fileIn('people.db');
  const first = open(file);
  const alice = first.of('alice@example.com');
  expect(first.of('Alice@Example.com')).toEqual(alice);
  expect(first.of('bob@example.com').id).not.toBe(alice.id);
  first.close();
  const second = open(file);
  expect(second.find(alice.id)?.secret).toEqual(alice.secret);
  expect(second.of('ALICE@example.com').id).toBe(alice.id);
  second.close();
});

test('an erased key is in no byte of the file, and only its owner may read the file', () => {
  const file = fileIn('people.db');
  const keys = open(file);
  const { id, secret } = keys.of('alice@example.com');
  keys.of('bob@example.com');
  expect(readFileSync(file).includes(Buffer.from(secret))).toBe(true);
  keys.erase(id);
  expect(keys.find(id)).toBeUndefined();
  keys.erase(id);
  expect(keys.of('alice@example.com').id).not.toBe(id);
  keys.close();
  expect(readFileSync(file).includes(Buffer.from(secret))).toBe(false);
  expect(readFileSync(file).includes(id)).toBe(false);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file that is something else is refused, with what to do', () => {
  const file = fileIn('people.db');
  writeFileSync(file, 'a list of friends, long enough to be taken for a database at first sight '.repeat(20));
  expect(() => open(file)).toThrow(expect.objectContaining({ code: 'people.unusable' }));
});
