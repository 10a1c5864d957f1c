import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteEventStore, verifyChain } from '#event-store';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

const POLICY = `{
  // Ask Bob@Example.com before you change this.
  "groups": {"group:eng": ["bob@example.com", "carol@example.com"]},
  "acls": [{"action": "accept", "src": ["group:eng"], "dst": ["*:22"]}],
}`;

let control: TestControl;
let agents: TestAgent[];

beforeEach(async () => {
  control = await TestControl.start();
  agents = [];
  for (const [login, displayName] of [
    ['bob@example.com', 'Bob Builder'],
    ['carol@example.com', 'Carol'],
  ] as const) {
    await control.call('POST', 'users', { login, displayName });
  }
  await control.call('PUT', 'policy', POLICY, { 'netfold-reason': encodeURIComponent('bob@example.com asked for it') });
});
afterEach(async () => {
  for (const agent of agents) await agent.close();
  await control.stop();
});

async function machineOf(user: string, name: string): Promise<TestAgent> {
  const agent = new TestAgent(control.grpcAddress, name);
  agents.push(agent);
  await agent.register(await control.authKey({ user }));
  agent.connect();
  await agent.until(() => agent.netmap.size > 0);
  return agent;
}

/** Everything that the API has to say, about the present and the past. */
async function everything(): Promise<string> {
  const answers = ['users', 'nodes', 'events', 'policy', 'policy?at=6', 'users?at=5', 'diff?from=3&to=7', 'changes'];
  const texts = await Promise.all(answers.map(async (path) => (await control.call('GET', path)).body));
  return JSON.stringify(texts);
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));

describe('a person who is erased', () => {
  test('is named by nothing any more: not in the present, the past, the files, nor at other machines', async () => {
    const his = await machineOf('bob@example.com', 'his');
    const hers = await machineOf('carol@example.com', 'hers');
    expect(await everything()).toMatch(/bob@example\.com[\s\S]*Bob Builder/);

    const { status, body } = await control.call('POST', 'users/bob@example.com/erase');
    expect([status, body]).toMatchObject([
      200,
      { events: [{}, {}, { type: 'UserRemoved' }, { type: 'PersonErased' }] },
    ]);
    expect(await everything()).not.toMatch(/bob/i);
    await hers.until(() => !JSON.stringify([...hers.netmap.values()]).includes('bob') && hers.netmap.size > 0);
    await his.until(() => his.goodbye !== undefined);

    await control.restart();
    const after = await everything();
    expect(after).not.toMatch(/bob/i);
    expect(after).toContain('carol@example.com');
    for (const file of filesOf(control.stateDir)) expect(file).not.toMatch(/bob@example|Bob Builder/i);
  });

  test('leaves a ledger whose hashes still hold', async () => {
    await control.call('POST', 'users/bob@example.com/erase');
    await control.close();
    const store = openSqliteEventStore(join(control.stateDir, 'ledger.db'));
    const [stream = ''] = await store.streams();
    expect((await verifyChain(store.read(stream))).revision).toBeGreaterThan(6);
    await store.close();
  });

  test('may be somebody whom only a policy names, and is somebody new when they come back', async () => {
    const text = '{"acls": [{"action": "accept", "src": ["dave@example.com"], "dst": ["*:22"]}]}';
    await control.call('PUT', 'policy', text);
    expect((await control.call('POST', 'users/dave@example.com/erase')).status).toBe(200);
    expect(JSON.stringify((await control.call('GET', 'policy')).body)).toMatch(/erased-[0-9a-f]+@erased\.invalid/);
    expect((await control.call('POST', 'users/dave@example.com/erase')).body).toMatchObject({ code: 'user.unknown' });
    await control.call('POST', 'users', { login: 'dave@example.com' });
    await control.restart();
    expect(JSON.stringify((await control.call('GET', 'users')).body)).toContain('dave@example.com');
    expect(JSON.stringify((await control.call('GET', 'policy')).body)).toMatch(/erased-[0-9a-f]+@erased\.invalid/);
  });

  test('is erased once, however often it is asked for under the same key', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await control.call('POST', 'users/bob@example.com/erase', undefined, key);
    const second = await control.call('POST', 'users/bob@example.com/erase', undefined, key);
    expect(second.body).toMatchObject({ revision: (first.body as { revision: number }).revision, events: [] });
  });

  test('commands that come during the erasure are carried out on what is known afterwards', async () => {
    const erased = control.call('POST', 'users/bob@example.com/erase');
    const added = Array.from({ length: 20 }, (_, i) => control.call('POST', 'users', { login: `u${i}@example.com` }));
    await Promise.all([erased, ...added]);
    expect(await everything()).not.toMatch(/bob/i);
    expect(((await control.call('GET', 'users')).body as { users: unknown[] }).users).toHaveLength(22);
  });
});
