import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from './mesh-in-process.js';
import { PresharedPair } from './preshared-pair.js';

describe('pre-shared keys', () => {
  let pair: PresharedPair;
  beforeAll(async () => {
    pair = await PresharedPair.start();
  });
  afterAll(() => pair.mesh.close());

  it('are replaced under a ping, whoever asks for it, without a loss', async () => {
    const { a, b } = pair;
    for (const machine of [a, b]) {
      const before = await pair.isProtected();
      const running = a.ping('b', { count: 150, interval: 10 });
      await machine.client.call('POST /rotate-preshared-key', { peer: machine === a ? 'b' : 'a' });
      await until(async () => (await pair.keyOf(a)) !== before && (await pair.keyOf(b)) === (await pair.keyOf(a)));
      expect(await running).toEqual(Array(150).fill(true));
      await pair.isProtected();
    }
    await expect(a.client.call('POST /rotate-preshared-key', { peer: 'nobody' })).rejects.toMatchObject({
      code: 'agent.no_such_node',
    });
  });

  it('outlast a restart, also while the control plane is away', async () => {
    const { a, b } = pair;
    const key = await pair.isProtected();
    await pair.mesh.control.close();
    await a.stop();
    await a.start();
    expect(await pair.isProtected()).toBe(key);
    await pair.mesh.restartControl();
    await until(async () => (await a.status()).Control.Connected && (await b.status()).Control.Connected);
    expect(await pair.isProtected()).toBe(key);
  });

  it('that one side has lost cut nothing, and are agreed on anew', async () => {
    const { a, b } = pair;
    const key = await pair.isProtected();
    for (const machine of [a, b]) {
      await machine.stop();
      await rm(join(machine.folder, 'state', 'preshared-keys.json'));
      await machine.start();
      expect(await pair.isProtected()).not.toBe(key);
    }
  });
});
