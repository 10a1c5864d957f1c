import { expect, test } from '@jest/globals';
import { MemoryRegisters } from '#coordination';
import { ServerSecret } from '../auth/server-secret.js';
import { requireClusterSecret } from './cluster-secret.js';

const secret = (fill: number) => new ServerSecret(new Uint8Array(32).fill(fill));

test('the first replica says what the secret is; others have it or are refused, and it is not told', async () => {
  const registers = new MemoryRegisters();
  await requireClusterSecret(registers, secret(1));
  await requireClusterSecret(registers, secret(1));
  await expect(requireClusterSecret(registers, secret(2))).rejects.toMatchObject({ code: 'cluster.other_secret' });
  for (const name of await registers.names('')) {
    const { value = '' } = (await registers.read(name)) ?? {};
    expect(Buffer.from(value, 'base64').includes(Buffer.alloc(8, 1))).toBe(false);
  }
});

test('of several that are first at once one is', async () => {
  const registers = new MemoryRegisters();
  const starts = [1, 2, 3, 3].map((fill) => requireClusterSecret(registers, secret(fill)));
  const outcomes = (await Promise.allSettled(starts)).map(({ status }) => status);
  expect(outcomes).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
});
