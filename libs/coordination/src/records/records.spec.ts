import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryRegisters } from '../memory/memory-registers.js';
import type { Registers } from '../registers.js';
import { Records } from './records.js';

const setup = (registers: Registers = new MemoryRegisters()) => {
  const time = { now: 1_000 };
  return { time, records: new Records<number>(registers, 'things', () => time.now), registers };
};

/** Registers at which others get a turn in the middle of everything. */
function contended(registers: Registers): Registers {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    read: (name) => registers.read(name).finally(turn),
    write: (name, version, value) => turn().then(() => registers.write(name, version, value)),
    delete: (name, version) => registers.delete(name, version),
    names: (prefix) => registers.names(prefix),
    close: () => registers.close(),
  };
}

test('a record is what was made of it last, until it ends', async () => {
  const { records, time } = setup();
  expect(await records.update('a', (known) => ({ value: (known ?? 0) + 1 }))).toBeUndefined();
  expect(await records.update('a', (known) => ({ value: (known ?? 0) + 1, expiresAt: 2_000 }))).toBe(1);
  expect(await records.update('a', () => undefined)).toBe(2);
  expect(await records.find('a')).toBe(2);
  time.now = 2_000;
  expect(await records.find('a')).toBeUndefined();
  expect(await records.update('a', (known) => ({ value: (known ?? 0) + 1 }))).toBeUndefined();
  expect(await records.update('a', () => 'gone')).toBe(1);
  expect(await records.update('a', () => 'gone')).toBeUndefined();
});

test('what a change throws leaves the record as it is', async () => {
  const { records } = setup();
  await records.update('a', () => ({ value: 1 }));
  const refuse = () => {
    throw new Error('no');
  };
  await expect(records.update('a', refuse)).rejects.toThrow('no');
  expect(await records.find('a')).toBe(1);
});

test('nothing that is changed at the same time is lost, and whoever takes a record has it alone', async () => {
  const store = new MemoryRegisters();
  const replicas = Array.from({ length: 3 }, () => setup(contended(store)).records);
  const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`);
  await Promise.all(
    replicas.flatMap((records) => keys.map((key) => records.update(key, (known) => ({ value: (known ?? 0) + 1 })))),
  );
  for (const key of keys) expect(await setup(store).records.find(key)).toBe(replicas.length);
  const taken = await Promise.all(replicas.map((records) => records.update('key-3', () => 'gone')));
  expect(taken.filter((value) => value !== undefined)).toEqual([3]);
});

test('all of them can be had', async () => {
  const { records, time, registers } = setup();
  const other = new Records<number>(registers, 'other', () => time.now);
  await other.update('a', () => ({ value: 9 }));
  for (let i = 0; i < 100; i++) await records.update(`${i}`, () => ({ value: i, ...(i % 2 && { expiresAt: 2_000 }) }));
  expect((await records.all()).size).toBe(100);
  time.now = 2_000;
  expect([...(await records.all()).values()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, i) => i * 2),
  );
});

test('what has ended is not kept, and the number of registers stays', async () => {
  const { records, registers, time } = setup();
  for (let i = 0; i < 2_000; i++) {
    time.now += 1;
    await records.update(`key-${i}`, () => ({ value: i, expiresAt: time.now + 10 }));
  }
  const names = await registers.names('things/');
  expect(names).toHaveLength(64);
  const sizes = await Promise.all(names.map(async (name) => (await registers.read(name))?.value.length ?? 0));
  expect(Math.max(...sizes)).toBeLessThan(200);
});

test('any key, also one that objects have of themselves, is a key like others', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', '7'))),
      async (keys) => {
        const { records } = setup();
        for (const [i, key] of keys.entries()) await records.update(key, () => ({ value: i }));
        for (const [i, key] of keys.entries()) expect(await records.find(key)).toBe(i);
      },
    ),
    { numRuns: 50 },
  ));
