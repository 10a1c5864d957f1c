import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSqliteEventStore, seal } from '#event-store';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

let control: TestControl;
const agents: TestAgent[] = [];

beforeEach(async () => {
  control = await TestControl.start();
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
  await control.stop();
});

async function joined(name: string): Promise<TestAgent> {
  const agent = new TestAgent(control.grpcAddress, name);
  agents.push(agent);
  await agent.register(await control.authKey());
  agent.connect();
  await agent.until(({ frames }) => frames.length > 0);
  return agent;
}

/** Has a newer release write to the ledger while this one is away. */
async function writtenByANewerOne(): Promise<void> {
  await control.close();
  const store = openSqliteEventStore(join(control.stateDir, 'ledger.db'));
  const [stream = ''] = await store.streams();
  const head = await store.head(stream);
  const draft = {
    stream,
    type: 'NodePainted',
    version: 1,
    actor: { kind: 'system', id: 'newer' },
    commandId: 'c',
  } as const;
  await store.append(stream, head.revision, seal(head, [{ ...draft, data: {} }], Date.now()));
  await store.close();
}

test('agents keep their netmaps while their tailnet stands still; those that know more are sent elsewhere', async () => {
  const [alice, bob] = [await joined('alice'), await joined('bob')];
  await alice.until(({ peers }) => peers.includes('bob'));
  await bob.until(({ peers }) => peers.includes('alice'));
  for (const agent of [alice, bob]) await agent.disconnect();
  await writtenByANewerOne();
  await control.restart();
  alice.connect();
  await alice.until(({ frames }) => frames.length > 2);
  expect(alice.frames.at(-1)).toMatchObject({ snapshot: false, removed: [] });
  expect(alice.peers).toEqual(['bob']);

  const known = bob.resume;
  if (!known) throw new Error('bob has a netmap');
  bob.resume = { ...known, revision: known.revision + 1 };
  bob.connect();
  await bob.until(({ goodbye }) => goodbye !== undefined);
  expect(bob.goodbye).toMatchObject({ reason: 'behind', problem: { code: 'tailnet.paused' } });
  expect(bob.peers).toEqual(['alice']);
});
