import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MemoryRegisters } from '#coordination';
import { seededRandom } from '#crypto/testing';
import { temporaryFolder } from '#event-store/testing';
import { loadServerSecret } from '../auth/server-secret.js';
import { movePersonKeys } from './move-person-keys.js';
import { PersonKeyFile } from './person-key-file.js';
import { SharedPersonKeys } from './shared-person-keys.js';

const fileIn = temporaryFolder();
const logger = { info: () => {} };

async function shared(pepper: Uint8Array, registers = new MemoryRegisters()) {
  return SharedPersonKeys.open(registers, pepper, seededRandom(2));
}

test('keys of one process are those of its cluster from then on, and are not left where they were', async () => {
  const stateDir = fileIn('state');
  const pepper = loadServerSecret(stateDir).derive('people');
  const alone = new PersonKeyFile(join(stateDir, 'people.db'), pepper, seededRandom(1));
  const alice = alone.of('alice@example.com');
  alone.close();
  const registers = new MemoryRegisters();
  const people = await shared(pepper, registers);
  await movePersonKeys(stateDir, pepper, people, logger);
  expect(people.of('Alice@example.com')).toEqual(alice);
  const later = await shared(pepper, registers);
  expect(later.find(alice.id)).toEqual(alice);
  expect(existsSync(join(stateDir, 'people.db'))).toBe(false);
  await later.erase(alice.id);
  await movePersonKeys(stateDir, pepper, later, logger);
  expect((await shared(pepper, registers)).find(alice.id)).toBeUndefined();
});

test('keys that were kept under another secret are refused, and stay', async () => {
  const stateDir = fileIn('state');
  const pepper = loadServerSecret(stateDir).derive('people');
  new PersonKeyFile(join(stateDir, 'people.db'), pepper, seededRandom(1)).close();
  const other = new Uint8Array(32).fill(9);
  const moving = movePersonKeys(stateDir, other, await shared(other), logger);
  await expect(moving).rejects.toMatchObject({ code: 'people.other_secret', where: stateDir });
  expect(existsSync(join(stateDir, 'people.db'))).toBe(true);
});
