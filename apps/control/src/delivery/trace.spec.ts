import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';
import type { NodeTrace, Trace } from './trace.js';

const OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const CLOSED = '{"acls": []}';

let control: TestControl;
const agents: TestAgent[] = [];

beforeAll(async () => {
  control = await TestControl.start();
});

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
  const { body } = await control.call('GET', 'nodes');
  for (const { id } of (body as { nodes: { id: string }[] }).nodes) await control.call('DELETE', `nodes/${id}`);
  await control.call('PUT', 'policy', OPEN);
});

afterAll(() => control.stop());

/** Machines that have joined and hold a netmap in which they see each other. */
async function joined(...names: string[]): Promise<TestAgent[]> {
  const key = await control.authKey();
  for (const name of names) {
    const agent = new TestAgent(control.grpcAddress, name);
    agents.push(agent);
    await agent.register(key);
    agent.connect();
  }
  const mine = agents.slice(-names.length);
  for (const one of mine) await one.until(({ peers }) => peers.length === agents.length - 1);
  return mine;
}

type Report = Trace & { readonly event: { readonly recordedAt: number }; readonly step?: { removed: unknown[] } };

const trace = async (revision: number, query = ''): Promise<Report> =>
  (await control.call('GET', `trace/${revision}${query}`)).body as Report;

const change = async (...words: Parameters<TestControl['call']>): Promise<number> =>
  ((await control.call(...words)).body as { revision: number }).revision;

const stateOf = ({ nodes }: Report) => Object.fromEntries(nodes.map(({ name, state }) => [name, state]));
const nodeOf = ({ nodes }: Report, wanted: string): NodeTrace | undefined => nodes.find(({ name }) => name === wanted);

test('a change concerns nodes that are offline too, until they come back and apply it', async () => {
  const [, , away] = (await joined('a', 'b', 'away')) as [TestAgent, TestAgent, TestAgent];
  await away.disconnect();
  const revision = await change('PUT', 'policy', CLOSED);
  const waiting = trace(revision, '?wait=20000');
  const first = await trace(revision, '?wait=200');
  expect(first).toMatchObject({ concerned: 3, behind: 1, gone: 0, exact: true, gaps: [] });
  expect(first.inForceAt).toBeUndefined();
  expect(nodeOf(first, 'away')).toMatchObject({ state: 'behind', online: false, lastSeen: expect.any(Number) });
  away.connect();
  const last = await waiting;
  expect(stateOf(last)).toEqual({ a: 'applied', b: 'applied', away: 'applied' });
  expect(last.inForceAt).toBe(Math.max(...last.nodes.map(({ at }) => at ?? Number.NaN)));
  expect(nodeOf(last, 'a')).toMatchObject({
    changes: { peer: { removed: 2, replaced: 0, added: 0 } },
    frame: { revision, bytes: expect.any(Number), counts: { peer: { removed: 2 } } },
  });
});

test('what is known survives the server, and the exact step of each node can be worked out again', async () => {
  const [a] = (await joined('a', 'b')) as [TestAgent, TestAgent];
  const revision = await change('PUT', 'policy', CLOSED);
  const before = await trace(revision, '?wait=20000');
  expect(before.behind).toBe(0);
  for (const agent of agents.splice(0)) await agent.close();
  await control.restart();
  const { event, ...after } = await trace(revision, '?node=a');
  expect(after).toMatchObject({
    inForceAt: before.inForceAt,
    nodes: before.nodes.map(({ online, ...node }) => ({ ...node, online: false })),
    step: { upserted: [] },
  });
  expect(after.step?.removed).toContainEqual(expect.objectContaining({ kind: 'peer', name: 'b' }));
  expect(a.peers).toEqual([]);
});

test('a node that was removed is not waited for, and one that the event itself removes is not either', async () => {
  const [a, b, away] = (await joined('a', 'b', 'away')) as [TestAgent, TestAgent, TestAgent];
  await away.disconnect();
  const renamed = await change('POST', 'nodes/b/rename', { name: 'c' });
  await Promise.all([a, b].map((agent) => agent.until(({ resume }) => (resume?.revision ?? 0) >= renamed)));
  const waiting = trace(renamed, '?wait=20000');
  const removed = await change('DELETE', 'nodes/away');
  const { recordedAt } = (await trace(removed)).event;
  expect(stateOf(await waiting)).toEqual({ a: 'applied', c: 'applied', away: 'gone' });
  expect((await waiting).inForceAt).toBe(recordedAt);
  const last = await trace(removed, '?wait=20000');
  expect(stateOf(last)).toEqual({ a: 'applied', c: 'applied', away: 'gone' });
  // As it was called then.
  expect(Object.keys(stateOf(await trace(renamed - 1))).sort()).toEqual(['a', 'away', 'b']);
});

test('an agent that does not acknowledge is behind, and it is said since when the frame is on its way', async () => {
  const [a] = (await joined('a', 'b')) as [TestAgent, TestAgent];
  a.acknowledges = false;
  const revision = await change('PUT', 'policy', CLOSED);
  await a.until(({ frames }) => frames.at(-1)?.revision === revision);
  const report = await trace(revision, '?wait=100');
  expect(nodeOf(report, 'a')).toMatchObject({ state: 'behind', online: true, sentAt: expect.any(Number) });
});

test('an event that no netmap tells of is in force at once, and what never was is unknown', async () => {
  await joined('a');
  const revision = await change('POST', 'users', { login: 'carol@example.com' });
  const report = await trace(revision);
  expect(report).toMatchObject({ concerned: 0, behind: 0, inForceAt: report.event.recordedAt });
  expect(await control.call('GET', 'trace/99999')).toMatchObject({ status: 404, body: { code: 'revision.unknown' } });
  expect(await control.call('GET', `trace/${revision}?node=a`)).toMatchObject({
    body: { code: 'trace.not_concerned' },
  });
});
