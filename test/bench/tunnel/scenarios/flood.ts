import { fileURLToPath } from 'node:url';
import { toBase64 } from '#kernel';
import { until } from '../../../netns/lab/until.js';
import { type Bed, outerAddress, PORT, STRANGER } from '../bed.js';
import { Iperf } from '../iperf.js';
import { overLink } from '../link.js';
import { everyone, type Scenario } from '../scenario.js';

const FLOOD = fileURLToPath(new URL('../load/flood.js', import.meta.url));
const PER_SECOND = 20_000;

export const flood: Scenario = {
  name: 'flood',
  summary: `what TCP keeps while a stranger sends ${PER_SECOND.toLocaleString('en')} false initiations a second`,
  fits: everyone,
  measure: (bed, contender) =>
    overLink(bed, contender, (link) =>
      Iperf.over(bed, link, async (iperf) => {
        const before = await iperf.tcp(1);
        const stop = await begin(bed);
        const during = await iperf.tcp(1).finally(stop);
        const after = await iperf.tcp(1);
        return { floodKept: (100 * during.mbps) / ((before.mbps + after.mbps) / 2) };
      }),
    ),
};

async function begin(bed: Bed): Promise<() => Promise<void>> {
  const words = [toBase64(bed.keys[1].publicKey), STRANGER, outerAddress(1), String(PORT), String(PER_SECOND)];
  const running = bed.stranger.start(`flood-${Date.now()}`, process.execPath, [FLOOD, ...words]);
  await until('the flood has begun', async () => running.output().includes('ready'));
  return () => running.stop('SIGKILL');
}
