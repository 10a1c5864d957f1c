import type { Changed } from '../../admin/admin-client.js';
import { eventAt } from '../event-at.js';
import { answered, expect } from '../expect.js';
import { NARROW_POLICY } from '../policies.js';
import type { Stage } from '../stage.js';
import type { Step } from '../step.js';

const INTERVAL_MS = 2;
const PATIENCE_MS = 2_000;

interface Trace {
  readonly event: { readonly recordedAt: number };
  readonly inForceAt?: number;
}

export const policyStep: Step = {
  name: 'policy',
  title: 'A policy takes access away, under a running ping',
  async run(stage, tell) {
    const { agents, admin } = stage;
    const stop = new AbortController();
    const running = agents.laptop.pings(
      { target: 'prod-1', count: 0, interval: INTERVAL_MS, timeout: 300 },
      stop.signal,
    );
    await agents.laptop.pings({ target: 'prod-1', count: 20, interval: 10 });
    const { revision } = await admin.call<Changed>('PUT /policy', { body: NARROW_POLICY });
    tell(`published: alice reaches tag:dev, and no longer tag:prod (revision ${revision})`);
    await agents.laptop.pings({ target: 'dev-1', count: 30, interval: 10 });
    stop.abort();
    const replies = await running;
    const { recordedAt } = await eventAt(admin, revision);
    const allowed = answered(replies);
    const refused = replies.filter(({ rtt, sentAt }) => rtt === undefined && sentAt >= recordedAt);
    const lastAllowed = allowed.at(-1);
    const firstRefused = refused[0];
    expect(allowed.length > 0, 'laptop could not reach prod-1 before');
    expect(firstRefused !== undefined && lastAllowed !== undefined, 'laptop still reaches prod-1');
    expect(firstRefused.sequence > lastAllowed.sequence, 'a ping was answered after one was refused');
    const effectMs = firstRefused.sentAt - recordedAt;
    const everywhereMs = await inForceAfter(stage, revision);
    tell(`${allowed.length} pings to prod-1 were answered, then ${refused.length} were refused`);
    tell(`from the append to the first refused ping: ${effectMs} ms; in force on every agent after ${everywhereMs} ms`);
    return { revision, answered: allowed.length, refused: refused.length, effectMs, everywhereMs };
  },
};

/** Milliseconds from the append until the last agent had said that it applied the revision. */
async function inForceAfter({ admin }: Stage, revision: number): Promise<number> {
  const { event, inForceAt } = await admin.call<Trace>(`GET /trace/${revision}?wait=${PATIENCE_MS}`);
  return (inForceAt ?? Number.NaN) - event.recordedAt;
}
