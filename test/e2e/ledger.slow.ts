import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerRecord } from '../../apps/agent/src/checkpoint/ledger-record.js';
import { netfold } from '../../apps/cli/src/testing/fake-io.js';
import { Intruder } from './intruder.js';
import { MeshInProcess, type TestMachine, until } from './mesh-in-process.js';

describe('agents and the ledger', () => {
  let mesh: MeshInProcess;
  let a: TestMachine;
  let b: TestMachine;
  let intruder: Intruder;

  beforeEach(async () => {
    mesh = await MeshInProcess.start();
    [a, b] = [await mesh.join('a'), await mesh.join('b')];
    intruder = new Intruder(join(mesh.folder, 'server', 'ledger.db'));
    await until(async () => (await sizeAt(a)) === (await sizeAt(b)) && (await a.ping('b')).every(Boolean));
  });
  afterEach(() => mesh.close());

  const sizeAt = async (machine: TestMachine) => (await machine.status()).Ledger.Size ?? 0;
  const alarmAt = async (machine: TestMachine) => (await machine.status()).Ledger.Alarm?.Code;
  const statusLine = (machine: TestMachine) => netfold(['status', '--socket', machine.client.socketPath]);

  it('follow it across restarts on both sides, with the key that they joined with', async () => {
    const { Key } = (await a.status()).Ledger;
    const before = await sizeAt(a);
    await a.stop();
    await mesh.control.close();
    await mesh.restartControl();
    await mesh.join('c');
    await a.start();
    await until(async () => (await sizeAt(a)) > before);
    expect((await a.status()).Ledger).toEqual({ Key, Size: expect.any(Number), Root: expect.any(String) });
    expect(await statusLine(a)).toMatchObject({ code: 0 });
    await expect(a.up({ ledgerKey: `${Key}x` })).rejects.toMatchObject({ code: 'agent.other_ledger_key' });
  });

  it('refuse a history that was rewritten, keep their last good netmap and say so until a person accepts it', async () => {
    const revision = (await a.status()).Control.Revision ?? 0;
    await mesh.control.close();
    intruder.rewrite(intruder.stream, 1, (data) => ({ ...data, displayName: 'Mallory' }));
    await mesh.restartControl();
    for (const machine of [a, b]) await until(async () => (await alarmAt(machine)) === 'agent.ledger_forked');

    // Whatever the server makes of that history, nothing of it is put in force, and packets go on.
    await mesh.admin.call('PUT /policy', { body: '{"acls": []}' });
    await mesh.join('stranger');
    expect(await a.ping('b', { count: 2, interval: 1 })).toEqual([true, true]);
    expect(Object.values((await a.status()).Peer).map(({ HostName }) => HostName)).toEqual(['b']);
    const { stdout, code } = await statusLine(a);
    expect([code, stdout.split('\n')[0]]).toEqual([3, expect.stringMatching(/^ALARM: history was rewritten/)]);

    await a.stop();
    await a.start();
    expect(await alarmAt(a)).toBe('agent.ledger_forked');
    expect((await a.status()).Control.Revision).toBe(revision);
    const { alarm, note } = await a.client.call<LedgerRecord>('GET /ledger');
    expect([alarm?.note, note]).toEqual([expect.stringContaining('netfold/tailnet-'), expect.stringContaining('— ')]);

    expect(await netfold(['ledger', 'accept', '--socket', a.client.socketPath])).toMatchObject({ code: 0 });
    await until(async () => ((await a.status()).Control.Revision ?? 0) > revision);
    expect(await alarmAt(a)).toBeUndefined();
    expect(await alarmAt(b)).toBe('agent.ledger_forked');
  });

  it('refuse a ledger that was rolled back, and take up the true one by themselves when it is there again', async () => {
    const size = await sizeAt(a);
    await mesh.control.close();
    const file = join(mesh.folder, 'server', 'ledger.db');
    await copyFile(file, `${file}.true`);
    intruder.truncate(intruder.stream, size - 3);
    await mesh.restartControl();
    await until(async () => (await alarmAt(a)) === 'agent.ledger_rolled_back');
    expect(await sizeAt(a)).toBe(size);
    expect(await a.ping('b')).toEqual([true]);

    await mesh.control.close();
    await copyFile(`${file}.true`, file);
    await mesh.restartControl();
    await mesh.join('c');
    await a.stop();
    await a.start();
    await until(async () => (await sizeAt(a)) > size);
    expect(await alarmAt(a)).toBe('agent.ledger_rolled_back');
    expect((await statusLine(a)).stdout).toMatch(/; over since \S+: the server shows the true ledger again\n/);
    const { stdout } = await netfold(['ledger', 'accept', '--socket', a.client.socketPath]);
    expect(stdout).toBe('The alarm is over. This machine holds the server to the ledger that it knows.\n');
    expect([await alarmAt(a), (await sizeAt(a)) > size]).toEqual([undefined, true]);
  });
});
