import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster } from '../testing/test-cluster.js';
import type { TestControl } from '../testing/test-control.js';
import { type ReceivedSpan, TestCollector, valueIn } from './testing/test-collector.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let collector: TestCollector;
let cluster: TestCluster;
const agents: TestAgent[] = [];

beforeEach(async () => {
  collector = await TestCollector.start();
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
  await cluster.stop();
  await collector.stop();
});

async function start(): Promise<readonly TestControl[]> {
  cluster = await TestCluster.start(2, { traces: { endpoint: collector.endpoint, ratio: 0 } });
  const controls = cluster.replicas.map(({ control }) => control);
  for (const [i, control] of controls.entries()) {
    const agent = new TestAgent(control.grpcAddress, `agent-${i}`);
    agents.push(agent);
    await agent.register(await control.authKey());
    agent.connect();
  }
  await Promise.all(agents.map((agent) => agent.until(({ peers }) => peers.length === 1)));
  return controls;
}

/** Renames the first agent at a replica, as part of the trace of a caller. */
const rename = (control: TestControl | undefined) =>
  control?.call(
    'POST',
    `nodes/${agents[0]?.nodeId}/rename`,
    { name: 'renamed' },
    { traceparent: `00-${TRACE}-${CALLER}-01` },
  );

/** A span begins at a whole millisecond of the system's clock, and lasts by a finer one: its end may be off by one. */
const MILLISECOND = 1_000_000n;

describe('one command, two replicas, two agents', () => {
  const ofTrace = (spans: readonly ReceivedSpan[]) => spans.filter(({ traceId }) => traceId === TRACE);
  const named = (name: string) => ofTrace(collector.spans).filter((span) => span.name === name);
  const begin = (span: ReceivedSpan | undefined) => BigInt(span?.startTimeUnixNano ?? 0);
  const end = (span: ReceivedSpan | undefined) => BigInt(span?.endTimeUnixNano ?? 0);

  test('make one trace, from the request to the last acknowledgement', async () => {
    const [, second] = await start();
    expect((await rename(second))?.status).toBe(200);
    await Promise.all(
      agents.map((agent) => agent.until(({ resume, frames }) => frames.at(-1)?.revision === resume?.revision)),
    );
    await collector.until((spans) => ofTrace(spans).filter(({ name }) => name === 'deliver').length === 2);
    await collector.until((spans) => ofTrace(spans).some(({ name }) => name.startsWith('POST')));

    const [request] = named('POST /api/v1/tailnets/:tailnet/nodes/:node/rename');
    const [command] = named('command RenameNode');
    const [append] = named('append');
    expect(request?.parentSpanId).toBe(CALLER);
    expect(command?.parentSpanId).toBe(request?.spanId);
    expect(append?.parentSpanId).toBe(command?.spanId);
    for (const name of ['dispatch', 'deliver']) {
      const spans = named(name);
      expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([command?.spanId, command?.spanId]);
      expect(new Set(spans.map(({ instance }) => instance)).size).toBe(2);
    }
    const deliveries = named('deliver');
    const frames = named('frame');
    expect(frames.map(({ attributes }) => valueIn(attributes, 'netfold.node')).sort()).toEqual(
      agents.map(({ nodeId }) => nodeId).sort(),
    );
    for (const frame of frames) {
      const delivery = deliveries.find(({ spanId }) => spanId === frame.parentSpanId);
      expect(begin(frame)).toBeGreaterThanOrEqual(begin(delivery));
      expect(end(frame)).toBeLessThanOrEqual(end(delivery) + MILLISECOND);
    }
    const all = ofTrace(collector.spans).filter((span) => span !== request);
    for (const span of all) expect(begin(span)).toBeGreaterThanOrEqual(begin(request));
  });
});
