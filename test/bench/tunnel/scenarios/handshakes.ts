import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBase64 } from '#kernel';
import { until } from '../../../netns/lab/until.js';
import { outerAddress, PORT } from '../bed.js';
import { startDevice } from '../link.js';
import { newCrowd } from '../load/crowd.js';
import type { Storm, StormOutcome } from '../load/storm.js';
import { type Scenario, tunnels } from '../scenario.js';
import { cpuSeconds } from '../usage.js';

const STORM = fileURLToPath(new URL('../load/storm.js', import.meta.url));
const crowd = newCrowd(500);

export const handshakes: Scenario = {
  name: 'handshakes',
  summary: `handshakes that ${crowd.length} peers, each at an address of its own, are answered`,
  fits: tunnels,
  measure: async (bed, contender) => {
    const end = await startDevice(bed, contender, 1, {
      peers: crowd.map(({ publicKey, inner }) => ({ publicKey, addresses: [inner] })),
    });
    const task: Storm = {
      target: { address: outerAddress(1), port: PORT },
      publicKey: toBase64(bed.keys[1].publicKey),
      members: crowd,
      seconds: bed.options.seconds,
      cache: join(bed.from.folder, 'initiations'),
    };
    const file = join(bed.from.folder, 'storm.json');
    writeFileSync(file, JSON.stringify(task), { mode: 0o600 });
    const storm = bed.from.start(`storm-${Date.now()}`, process.execPath, [STORM, file]);
    try {
      await until('the storm is ready', async () => storm.output().includes('ready'), 60_000);
      const before = cpuSeconds([end]);
      storm.process.kill('SIGUSR2');
      const words = await until('the storm is over', async () => /outcome (.*)/.exec(storm.output())?.[1], 60_000);
      const { answered, seconds } = JSON.parse(words) as StormOutcome;
      return { handshakes: answered / seconds, cpuPerHandshake: (1e6 * (cpuSeconds([end]) - before)) / answered };
    } finally {
      await Promise.all([storm.stop('SIGKILL'), end.stop()]);
    }
  },
};
