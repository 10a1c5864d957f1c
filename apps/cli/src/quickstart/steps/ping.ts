import { answered, bestRtt, expect } from '../expect.js';
import type { AgentName } from '../stage.js';
import type { Step } from '../step.js';

const PAIRS: readonly (readonly [from: AgentName, to: AgentName])[] = [
  ['laptop', 'dev-1'],
  ['laptop', 'prod-1'],
  ['dev-1', 'prod-1'],
];
const COUNT = 5;

export const pingStep: Step = {
  name: 'ping',
  title: 'They ping each other through WireGuard',
  async run({ agents }, tell) {
    const pairs: object[] = [];
    for (const [from, to] of PAIRS) {
      const replies = await agents[from].pings({ target: to, count: COUNT, interval: 20 });
      expect(
        answered(replies).length === COUNT,
        `${to} answered ${answered(replies).length} of ${COUNT} pings of ${from}`,
      );
      const { endpoint, target } = replies.at(-1) ?? {};
      const rtt = bestRtt(replies);
      pairs.push({ from, to, target, endpoint, sent: COUNT, answered: COUNT, rtt });
      tell(`${from} → ${to} (${target}) direct via ${endpoint}: ${COUNT} of ${COUNT} answered, best ${rtt} ms`);
    }
    return { pairs };
  },
};
