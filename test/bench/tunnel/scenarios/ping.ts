import type { Host } from '../../../netns/lab/host.js';
import { Iperf } from '../iperf.js';
import { overLink } from '../link.js';
import { everyone, type Scenario } from '../scenario.js';

const INTERVAL = 0.02;

export const ping: Scenario = {
  name: 'ping',
  summary: 'the round trip when nothing else is sent, and beside one stream of TCP',
  fits: everyone,
  measure: (bed, contender) =>
    overLink(bed, contender, (link) =>
      Iperf.over(bed, link, async (iperf) => {
        const { seconds } = bed.options;
        const pingIdle = await averageOf(bed.from, link.target, seconds);
        // The ping begins and ends within the transfer.
        const [pingLoaded] = await Promise.all([averageOf(bed.from, link.target, seconds * 0.8), iperf.tcp(1)]);
        return { pingIdle, pingLoaded };
      }),
    ),
};

async function averageOf(from: Host, target: string, seconds: number): Promise<number> {
  const count = Math.max(10, Math.floor(seconds / INTERVAL));
  const { stdout } = await from.run('ping', ['-n', '-q', '-c', String(count), '-i', String(INTERVAL), target]);
  return Number(/= [\d.]+\/([\d.]+)\//.exec(stdout)?.[1]);
}
