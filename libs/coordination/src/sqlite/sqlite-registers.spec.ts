import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '#event-store/testing';
import { registersContract } from '../testing/registers-contract.js';
import { SqliteRegisters } from './sqlite-registers.js';

const fileIn = temporaryFolder();

registersContract('sqlite', { shared: false, persistent: true }, async () => ({
  open: async () => SqliteRegisters.open(fileIn('registers.db')),
  dispose: async () => {},
}));

test('what was overwritten or deleted is in no byte of the file, which only its owner may read', async () => {
  const file = fileIn('registers.db');
  const registers = SqliteRegisters.open(file);
  const [old, kept] = ['a secret that goes '.repeat(400), 'a secret that stays'];
  const first = await registers.write('one', -1, old);
  const other = await registers.write('other', -1, old);
  expect(readFileSync(file).includes('that goes')).toBe(true);
  await registers.write('one', first, kept);
  await registers.delete('other', other);
  await registers.close();
  const left = readFileSync(file);
  expect([left.includes('that goes'), left.includes(kept)]).toEqual([false, true]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file that is something else is refused, with what to do', () => {
  const file = fileIn('registers.db');
  writeFileSync(file, 'something else, long enough to be taken for a database at first sight '.repeat(20));
  expect(() => SqliteRegisters.open(file)).toThrow(expect.objectContaining({ code: 'register.unusable', where: file }));
});
