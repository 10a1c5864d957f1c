import { expect, test } from '@jest/globals';
import { MemoryRegisters } from './memory/memory-registers.js';
import { sealedRegisters } from './sealed-registers.js';
import { registersContract } from './testing/registers-contract.js';

const key = (fill: number) => new Uint8Array(32).fill(fill);

registersContract('sealed', { shared: false, persistent: false, longest: 1_000 }, async () => ({
  open: async () => sealedRegisters(new MemoryRegisters(), key(1)),
  dispose: async () => {},
}));

test('the store sees neither a value nor that two are alike', async () => {
  const store = new MemoryRegisters();
  const registers = sealedRegisters(store, key(1));
  await registers.write('a', -1, 'a secret');
  await registers.write('b', -1, 'a secret');
  const [a, b] = [await store.read('a'), await store.read('b')];
  expect(a?.value).not.toBe(b?.value);
  for (const value of [a?.value ?? '', b?.value ?? '']) {
    expect(Buffer.from(value, 'base64url').includes('secret')).toBe(false);
  }
});

test('a value that was changed, moved, cut short or sealed otherwise is refused', async () => {
  const store = new MemoryRegisters();
  const registers = sealedRegisters(store, key(1));
  const refused = { code: 'register.not_ours' };
  await registers.write('a', -1, 'a secret');
  const value = (await store.read('a'))?.value ?? '';
  await expect(sealedRegisters(store, key(2)).read('a')).rejects.toMatchObject(refused);
  await store.write('moved', -1, value);
  await expect(registers.read('moved')).rejects.toMatchObject(refused);
  const bytes = Buffer.from(value, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const altered = Buffer.from(bytes.map((byte, at) => (at === i ? byte ^ 1 : byte)));
    for (const bad of [altered, bytes.subarray(0, i)]) {
      await store.write('a', (await store.read('a'))?.version ?? -1, bad.toString('base64url'));
      await expect(registers.read('a')).rejects.toMatchObject(refused);
    }
  }
});
