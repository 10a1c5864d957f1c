import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { TestCluster } from '../../apps/control/src/testing/test-cluster.js';
import { TestMachine, until } from './mesh-in-process.js';

let folder: string;
let cluster: TestCluster;
const machines: TestMachine[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-failover-'));
  cluster = await TestCluster.start(2);
});
afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.stop();
  await cluster.stop();
  await rm(folder, { recursive: true });
});

it('an agent whose server goes is led on by another, also after a restart, with no netmap sent anew', async () => {
  const [a, b] = cluster.replicas.map(({ control }) => control);
  if (!a || !b) throw new Error('there are two servers');
  const [one, two] = ['one', 'two'].map((name) => new TestMachine(join(folder, name), name));
  if (!one || !two) throw new Error('there are two machines');
  const joined = async (machine: TestMachine, serverUrl: string) => {
    machines.push(machine);
    await machine.start();
    await machine.up({ serverUrl, authKey: await a.authKey(), hostname: machine.name, userspace: true });
  };
  await joined(one, a.httpUrl);
  await joined(two, b.httpUrl);
  await until(async () => (await one.ping('two')).includes(true));
  const known = async () => {
    const text = await readFile(join(one.folder, 'state', 'membership.json'), 'utf8').catch(() => '{}');
    return (JSON.parse(text) as { servers?: string[] }).servers ?? [];
  };
  await until(async () => (await known()).length === 2);

  const snapshots = async () => {
    const { counters } = (await b.call('GET', 'streams')).body as { counters: { snapshots: number } };
    return counters.snapshots;
  };
  const before = await snapshots();
  await a.close();
  const { body } = await b.call('GET', 'nodes');
  const { id } = (body as { nodes: { id: string; name: string }[] }).nodes.find(({ name }) => name === 'one') ?? {};
  await b.call('POST', `nodes/${id}/rename`, { name: 'uno' });
  const isCalled = async (name: string) => (await one.status()).Self?.DNSName.startsWith(`${name}.`) === true;
  await until(() => isCalled('uno'));
  expect(await snapshots()).toBe(before);
  expect((await one.ping('two')).includes(true)).toBe(true);

  // Where it joined, nobody answers any more: it knows of the other one from before.
  await one.stop();
  await one.start();
  await b.call('POST', `nodes/${id}/rename`, { name: 'eins' });
  await until(() => isCalled('eins'));
  expect(await snapshots()).toBe(before);
});
