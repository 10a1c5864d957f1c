import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

let control: TestControl;
const agents: TestAgent[] = [];

beforeAll(async () => {
  control = await TestControl.start({ metrics: { host: '127.0.0.1', port: 0 } });
  for (const name of ['alice', 'bob']) {
    const agent = new TestAgent(control.grpcAddress, name);
    agents.push(agent);
    await agent.register(await control.authKey());
    agent.connect();
    await agent.until(({ frames }) => frames.length > 0);
  }
  await agents[0]?.until(({ peers }) => peers.includes('bob'));
  await control.call('POST', `nodes/${agents[0]?.nodeId}/rename`, { name: 'carol' });
  await control.call('GET', 'nodes/no-such-node');
  await fetch(`${control.httpUrl}/not/a/route`);
  await agents[1]?.until(({ peers }) => peers.includes('carol'));
  await settled('netfold_agents_behind 0');
});
afterAll(async () => {
  for (const agent of agents) await agent.close();
  await control.stop();
});

const scrape = async (): Promise<string> => (await fetch(control.metricsUrl ?? '')).text();

/** Scrapes until there is such a line. */
async function settled(line: string): Promise<void> {
  while (!(await scrape()).split('\n').includes(line));
}

/** The value of a series; undefined: there is none. */
function valueIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('what happened shows', () => {
  test.each([
    ['netfold_append_seconds_count{outcome="stored"}', 5],
    ['netfold_append_events_count', 5],
    ['netfold_dispatch_seconds_count', 5],
    ['netfold_event_lag_seconds_count', 5],
    ['netfold_ledger_events', 5],
    ['netfold_convergence_seconds_count', 2],
    ['netfold_stream_messages_total{cause="snapshot"}', 2],
    ['netfold_stream_messages_total{cause="NodeRenamed"}', 1],
    ['netfold_stream_bytes_total{cause="snapshot"}', 100],
    ['netfold_stream_opens_total{kind="fresh"}', 2],
    ['netfold_netmaps_sent_total{form="diff"}', 1],
    ['netfold_grpc_calls_total{method="Register",code="OK"}', 2],
    ['netfold_http_requests_total{method="POST",route="/api/v1/tailnets/:tailnet/nodes/:node/rename",status="200"}', 1],
    ['netfold_http_requests_total{method="GET",route="none",status="404"}', 1],
    ['netfold_problems_total{surface="http",code="node.unknown"}', 1],
    ['process_resident_memory_bytes', 1],
    ['nodejs_eventloop_lag_p99_seconds', 0],
  ])('in %s: at least %d', async (series, least) =>
    expect(valueIn(await scrape(), series)).toBeGreaterThanOrEqual(least),
  );

  test.each([
    ['netfold_agents_connected', 2],
    ['netfold_agents_behind', 0],
    ['netfold_nodes', 2],
    ['netfold_tailnets', 1],
    ['netfold_subscription_behind_events', 0],
    ['netfold_subscription_behind_seconds', 0],
    ['netfold_convergence_unfinished', 0],
    ['netfold_netmaps_refused_total{why="disagreed"}', 0],
    ['netfold_store_up', 1],
    ['netfold_ready', 1],
    ['netfold_changes_waiting', 0],
  ])('in %s: %d', async (series, value) => expect(valueIn(await scrape(), series)).toBe(value));
});

test('no label names a node, a person or a tailnet', async () => {
  const text = await scrape();
  const { body } = await control.call('GET', 'nodes');
  const nodes = (body as { nodes: { id: string; name: string }[] }).nodes;
  expect(nodes).toHaveLength(2);
  for (const { id, name } of nodes) {
    expect(text).not.toContain(id);
    expect(text).not.toContain(`"${name}"`);
  }
  expect(text).not.toContain('admin@');
  expect([...text.matchAll(/(\w+)="/g)].map(([, label]) => label)).not.toContain('tailnet');
});

test('metrics are not served where the API is, and nothing else is served where metrics are', async () => {
  expect((await fetch(`${control.httpUrl}/metrics`)).status).toBe(404);
  const elsewhere = new URL('/api/v1/server', control.metricsUrl);
  expect((await fetch(elsewhere)).status).toBe(404);
  expect((await fetch(control.metricsUrl ?? '', { method: 'POST' })).status).toBe(404);
});

test('a server that asks for an address which is taken does not start; by default it goes without', async () => {
  const taken = { host: '127.0.0.1', port: Number(new URL(control.metricsUrl ?? '').port) };
  await expect(TestControl.start({ metrics: taken })).rejects.toMatchObject({
    code: 'control.cannot_listen',
    where: '--metrics',
  });
  const other = await TestControl.start({ metrics: { ...taken, mayFail: true } });
  expect(other.metricsUrl).toBeUndefined();
  await other.stop();
});
