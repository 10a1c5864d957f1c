import { fileURLToPath } from 'node:url';
import { toBase64 } from '#kernel';
import { until } from '../../../netns/lab/until.js';
import { type Bed, outerAddress, PORT, STRANGER } from '../bed.js';
import { Iperf } from '../iperf.js';
import { overLink } from '../link.js';
import { everyone, type Scenario } from '../scenario.js';

const FLOOD = fileURLToPath(new URL('../load/flood.js', import.meta.url));
const PER_SECOND = 20_000;
const TURNS = 3;

export const flood: Scenario = {
  name: 'flood',
  summary: `what TCP keeps while a stranger sends ${PER_SECOND.toLocaleString('en')} false initiations a second`,
  fits: everyone,
  measure: (bed, contender) =>
    overLink(bed, contender, (link) =>
      Iperf.over(bed, link, async (iperf) => {
        // Transfers differ from one to the next: those with a flood lie between those without one.
        const without = [await mbps(iperf)];
        const during: number[] = [];
        for (let turn = 0; turn < TURNS; turn++) {
          const stop = await begin(bed);
          during.push(await mbps(iperf).finally(stop));
          without.push(await mbps(iperf));
        }
        return { floodKept: (100 * mean(during)) / mean(without) };
      }),
    ),
};

const mbps = async (iperf: Iperf): Promise<number> => (await iperf.tcp(1)).mbps;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function begin(bed: Bed): Promise<() => Promise<void>> {
  const words = [toBase64(bed.keys[1].publicKey), STRANGER, outerAddress(1), String(PORT), String(PER_SECOND)];
  const running = bed.stranger.start(`flood-${Date.now()}`, process.execPath, [FLOOD, ...words]);
  await until('the flood has begun', async () => running.output().includes('ready'));
  return () => running.stop('SIGKILL');
}
