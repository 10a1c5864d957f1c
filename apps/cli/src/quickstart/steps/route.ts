import { NetfoldError } from '#kernel';
import type { Changed } from '../../admin/admin-client.js';
import { answered, bestRtt, expect, since } from '../expect.js';
import { LAN_HOST, type Stage, SUBNET } from '../stage.js';
import type { Step } from '../step.js';

export const routeStep: Step = {
  name: 'route',
  title: 'A subnet behind a machine is offered, approved and reached',
  async run(stage, tell) {
    const { agents, admin } = stage;
    await agents['prod-1'].client.call('POST /set', { advertiseRoutes: [SUBNET] });
    await agents.laptop.client.call('POST /set', { acceptRoutes: true });
    tell(`prod-1 offers ${SUBNET}; laptop accepts routes`);
    expect(!(await reaches(stage)), `${LAN_HOST} was reached before anybody approved its route`);
    tell(`${LAN_HOST} is out of reach: no admin has approved it`);
    const started = performance.now();
    const { revision } = await admin.call<Changed>('POST /nodes/prod-1/routes/approve', { body: { prefix: SUBNET } });
    while (!(await reaches(stage))) expect(since(started) < 60_000, `${LAN_HOST} is still out of reach`);
    const ms = since(started);
    const replies = await agents.laptop.pings({ target: LAN_HOST, count: 5, interval: 20 });
    expect(answered(replies).length === 5, `${LAN_HOST} answered ${answered(replies).length} of 5 pings`);
    const { via } = replies[0] ?? {};
    tell(
      `approved (revision ${revision}); ${LAN_HOST} answers through ${via} ${ms} ms later, best ${bestRtt(replies)} ms`,
    );
    return { revision, prefix: SUBNET, host: LAN_HOST, via, ms, sent: 5, answered: 5, rtt: bestRtt(replies) };
  },
};

async function reaches({ agents }: Stage): Promise<boolean> {
  try {
    return answered(await agents.laptop.pings({ target: LAN_HOST, count: 1, timeout: 1000 })).length > 0;
  } catch (error) {
    if (error instanceof NetfoldError && error.code === 'agent.no_route') return false;
    throw error;
  }
}
