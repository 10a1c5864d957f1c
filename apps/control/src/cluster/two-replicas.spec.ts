import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { fromUtf8 } from '#kernel';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster } from '../testing/test-cluster.js';
import type { TestControl } from '../testing/test-control.js';

interface Traced {
  readonly applied: number;
  readonly nodes: readonly { readonly state: string; readonly nodeId: string }[];
}

describe('two replicas', () => {
  let cluster: TestCluster;
  let [a, b]: TestControl[] = [];
  const agents: TestAgent[] = [];

  let round = 0;

  beforeAll(async () => {
    cluster = await TestCluster.start(2);
    [a, b] = cluster.replicas.map(({ control }) => control);
  });
  afterEach(async () => {
    round += 1;
    for (const agent of agents.splice(0)) await agent.close();
    expect(cluster.problems).toEqual([]);
  });
  afterAll(() => cluster.stop());

  const at = (control: TestControl | undefined): TestControl => {
    if (control) return control;
    throw new Error('there is no such replica');
  };

  /** Machines of one test are called as those of no other. */
  const called = (name: string) => `${name}-${round}`;

  async function agentAt(control: TestControl | undefined, name: string): Promise<TestAgent> {
    const agent = new TestAgent(at(control).grpcAddress, called(name));
    agents.push(agent);
    await agent.register(await at(control).authKey());
    agent.connect();
    await agent.until(({ frames, failure }) => frames.length > 0 || failure !== undefined);
    expect(agent.failure).toBeUndefined();
    return agent;
  }

  test('what is commanded at one is told to agents of both, and both say the same', async () => {
    const alice = await agentAt(a, 'alice');
    const bob = await agentAt(b, 'bob');
    await alice.until(({ peers }) => peers.includes(called('bob')));
    await bob.until(({ peers }) => peers.includes(called('alice')));
    const renamed = await at(b).call('POST', `nodes/${alice.nodeId}/rename`, { name: called('carol') });
    expect(renamed.status).toBe(200);
    await bob.until(({ peers }) => peers.includes(called('carol')));
    const revision = (renamed.body as { revision: number }).revision;
    const shown = await at(a).call('GET', `nodes/${alice.nodeId}?minRevision=${revision}`);
    expect(shown.body).toMatchObject({ node: { name: called('carol'), online: true } });
  });

  test('an agent of one hears where those of the other are, and of those that leave', async () => {
    const alice = await agentAt(a, 'alice');
    const bob = await agentAt(b, 'bob');
    bob.reportEndpoints('192.0.2.7:41641');
    await alice.until(({ presence }) => presence.get(bob.nodeId)?.endpoints.length === 1);
    expect(alice.presence.get(bob.nodeId)).toMatchObject({ online: true, endpoints: ['192.0.2.7:41641'] });
    await bob.disconnect();
    await alice.until(({ presence }) => presence.get(bob.nodeId)?.online === false);
  });

  test('agents of different replicas write to each other', async () => {
    const alice = await agentAt(a, 'alice');
    const bob = await agentAt(b, 'bob');
    bob.takeLetters();
    await alice.until(({ presence }) => presence.get(bob.nodeId)?.takesLetters === true);
    alice.write(bob.nodeId, 'hello');
    await bob.until(({ letters }) => letters.length > 0);
    expect(bob.letters.map(({ nodeId, content }) => [nodeId, fromUtf8(content)])).toEqual([[alice.nodeId, 'hello']]);
  });

  test('an agent that moves goes on with a difference, and what it left behind says nothing more of it', async () => {
    const alice = await agentAt(a, 'alice');
    const bob = await agentAt(b, 'bob');
    await bob.until(({ peers }) => peers.includes(called('alice')));
    await alice.until(({ peers }) => peers.includes(called('bob')));
    const before = alice.frames.length;
    await alice.move(at(b).grpcAddress);
    alice.connect();
    await alice.until(({ frames }) => frames.length > before);
    expect(alice.frames[before]).toMatchObject({ snapshot: false });
    await at(a).call('POST', `nodes/${bob.nodeId}/rename`, { name: called('robert') });
    await alice.until(({ peers }) => peers.includes(called('robert')));
    const { body } = await at(a).call('GET', `nodes/${alice.nodeId}`);
    expect(body).toMatchObject({ node: { online: true } });
  });

  test('an agent that is connected twice keeps the later stream', async () => {
    const alice = await agentAt(a, 'alice');
    const again = new TestAgent(at(b).grpcAddress, called('alice'));
    agents.push(again);
    Object.assign(again, { sign: alice.sign, registration: alice.registration });
    again.connect();
    await alice.until(({ goodbye }) => goodbye !== undefined);
    expect(alice.goodbye?.reason).toBe('replaced');
    expect((await at(a).call('GET', `nodes/${alice.nodeId}`)).body).toMatchObject({ node: { online: true } });
  });

  test('agents are told where else they may connect', async () => {
    const urls = [a, b].map((control) => `http://${at(control).grpcAddress}`);
    const alice = new TestAgent(at(a).grpcAddress, called('alice'));
    agents.push(alice);
    await alice.register(await at(a).authKey());
    alice.connect();
    await alice.until(({ servers }) => servers.length > 0);
    expect(alice.servers).toEqual(urls);
  });

  test('a server that has not seen what an agent knows does not lead it back', async () => {
    const alice = await agentAt(a, 'alice');
    const release = Promise.withResolvers<void>();
    const behind = cluster.replicas[1]?.store;
    if (behind) behind.faults.feeds = release.promise;
    const bob = await agentAt(a, 'bob');
    await alice.until(({ peers }) => peers.includes(called('bob')));
    const before = alice.frames.length;
    await alice.move(at(b).grpcAddress);
    await bob.move(at(b).grpcAddress);
    alice.connect();
    bob.connect();
    release.resolve();
    await alice.until(({ frames }) => frames.length > before);
    expect(alice.frames[before]).toMatchObject({ snapshot: false });
    expect(alice.frames[before]?.revision).toBeGreaterThanOrEqual(alice.frames[before - 1]?.revision ?? 0);
    await bob.until(({ frames }) => frames.length > 1);
    expect([alice.failure, bob.failure]).toEqual([undefined, undefined]);
  });

  test('what was written at one is read at the other, however late that is', async () => {
    const release = Promise.withResolvers<void>();
    const store = cluster.replicas[1]?.store;
    if (store) store.faults.feeds = release.promise;
    const written = await at(a).call('POST', 'auth-keys', { user: 'admin@netfold.internal', reusable: true });
    const revision = written.headers.get('netfold-revision') ?? '';
    expect(Number(revision)).toBe((written.body as { revision: number }).revision);
    const early = await at(b).call('GET', 'auth-keys');
    expect(Number(early.headers.get('netfold-revision'))).toBeLessThan(Number(revision));
    const late = at(b).call('GET', 'auth-keys', undefined, { 'netfold-min-revision': revision });
    release.resolve();
    expect((await late).headers.get('netfold-revision')).toBe(revision);
  });

  test('a revision that the ledger does not have is not waited for', async () => {
    const { body } = await at(b).call('GET', 'nodes', undefined, { 'netfold-min-revision': '1000' });
    expect(body).toMatchObject({ code: 'http.no_such_revision', where: 'Netfold-Min-Revision' });
    const { status, headers } = await at(b).call('GET', 'nodes/nobody');
    expect([status, Number(headers.get('netfold-revision')) > 0]).toEqual([404, true]);
    const bad = await at(b).call('GET', 'nodes', undefined, { 'netfold-min-revision': 'soon' });
    expect(bad.body).toMatchObject({ code: 'http.bad_min_revision' });
  });

  test('any of them says when a revision was in force at the agents of all', async () => {
    const alice = await agentAt(a, 'alice');
    const bob = await agentAt(b, 'bob');
    await alice.until(({ peers }) => peers.includes(called('bob')));
    const { body } = await at(a).call('POST', `nodes/${bob.nodeId}/rename`, { name: called('robert') });
    const { revision } = body as { revision: number };
    for (const control of [a, b]) {
      const least = { 'netfold-min-revision': String(revision) };
      const trace = async () => (await at(control).call('GET', `trace/${revision}`, undefined, least)).body as Traced;
      let traced = await trace();
      while (traced.applied < 2) traced = await trace();
      const nodes = traced.nodes.filter(({ state }) => state === 'applied');
      const applied = expect.objectContaining({ online: true, frame: expect.anything(), at: expect.any(Number) });
      expect(nodes).toEqual([applied, applied]);
      expect(nodes.map(({ nodeId }) => nodeId).sort()).toEqual([alice.nodeId, bob.nodeId].sort());
    }
  });
});
