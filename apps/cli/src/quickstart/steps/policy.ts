import type { Changed } from '../../admin/admin-client.js';
import { answered, expect } from '../expect.js';
import { NARROW_POLICY } from '../policies.js';
import type { Step } from '../step.js';

const INTERVAL_MS = 2;
const PATIENCE_MS = 60_000;
/** So many pings that were sent when the policy was in force everywhere are waited for. */
const AFTERWARDS = 50;

interface Trace {
  readonly event: { readonly recordedAt: number };
  readonly inForceAt?: number;
}

export const policyStep: Step = {
  name: 'policy',
  title: 'A policy takes access away, under a running ping',
  async run(stage, tell) {
    const { agents, admin } = stage;
    let inForceAt = Number.POSITIVE_INFINITY;
    let afterwards = 0;
    const running = agents.laptop.pings(
      { target: 'prod-1', count: 0, interval: INTERVAL_MS, timeout: 300 },
      ({ sentAt }) => sentAt > inForceAt && ++afterwards === AFTERWARDS,
    );
    running.catch(() => {}); // what fails first is told
    await agents.laptop.pings({ target: 'prod-1', count: 20, interval: 10 });
    const { revision } = await admin.call<Changed>('PUT /policy', { body: NARROW_POLICY });
    tell(`published: alice reaches tag:dev, and no longer tag:prod (revision ${revision})`);
    const { event, ...trace } = await admin.call<Trace>(`GET /trace/${revision}?wait=${PATIENCE_MS}`);
    expect(trace.inForceAt !== undefined, `the policy is not in force everywhere after ${PATIENCE_MS} ms`);
    inForceAt = trace.inForceAt;
    const replies = await running;
    const allowed = answered(replies);
    const lastAllowed = allowed.at(-1);
    expect(lastAllowed !== undefined, 'laptop could not reach prod-1 before');
    expect(lastAllowed.sentAt <= inForceAt, 'a ping was answered when the policy was in force everywhere');
    const refused = replies.filter(({ sequence }) => sequence > lastAllowed.sequence);
    const effectMs = (refused[0]?.sentAt ?? inForceAt) - event.recordedAt;
    const everywhereMs = inForceAt - event.recordedAt;
    const still = await agents.laptop.pings({ target: 'dev-1', count: 5, interval: 10 });
    expect(answered(still).length === 5, 'laptop does not reach dev-1 any more');
    tell(`${allowed.length} pings to prod-1 were answered, then ${refused.length} were refused`);
    tell(`from the append to the first refused ping: ${effectMs} ms; in force on every agent after ${everywhereMs} ms`);
    return { revision, answered: allowed.length, refused: refused.length, effectMs, everywhereMs };
  },
};
