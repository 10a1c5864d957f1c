import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../apps/control/src/testing/manual-clock.js';
import { MeshInProcess, type TestMachine, until } from './mesh-in-process.js';

const DAY = 86_400_000;

describe('keys of machines', () => {
  const clock = new ManualClock(Date.now());
  let mesh: MeshInProcess;
  let a: TestMachine;
  let b: TestMachine;
  const keyOf = async (machine: TestMachine) => (await machine.status()).Self?.PublicKey;
  const other = async (key: string | undefined, machine: TestMachine) =>
    until(async () => ![undefined, key].includes(await keyOf(machine)));

  beforeAll(async () => {
    mesh = await MeshInProcess.start(clock);
    a = await mesh.join('a');
    b = await mesh.join('b');
  });
  afterAll(() => mesh.close());

  it('are replaced by themselves when they have grown old, under a ping, without a loss', async () => {
    expect(await a.ping('b')).toEqual([true]);
    const before = [await keyOf(a), await keyOf(b)];
    const running = a.ping('b', { count: 150, interval: 10 });
    clock.advance(31 * DAY);
    await Promise.all([other(before[0], a), other(before[1], b)]);
    expect(await running).toEqual(Array(150).fill(true));
  });

  it('are replaced after a restart of both sides, by who was away when they grew old', async () => {
    const before = await keyOf(a);
    await a.stop();
    await mesh.control.close();
    // An agent's own memory of its last rotation ends with its process.
    clock.advance(31 * DAY);
    await mesh.restartControl();
    await a.start();
    await other(before, a);
    await until(async () => (await b.ping('a', { timeout: 500 })).includes(true));
  });
});
