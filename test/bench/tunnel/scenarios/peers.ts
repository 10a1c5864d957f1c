import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBase64 } from '#kernel';
import type { Running } from '../../../netns/lab/host.js';
import { until } from '../../../netns/lab/until.js';
import { type Bed, outerAddress, PORT } from '../bed.js';
import type { Contender } from '../contender.js';
import { deviceName, startDevice } from '../link.js';
import { type Member, newCrowd } from '../load/crowd.js';
import type { Swarm } from '../load/swarm.js';
import { type Scenario, tunnels } from '../scenario.js';
import { cpuSeconds, residentMiB } from '../usage.js';

const SWARM = fileURLToPath(new URL('../load/swarm.js', import.meta.url));
const PEERS = 500;
const PACKETS = 250_000;
/** Nobody is there: the host drops what it gets. */
const DESTINATION = '10.71.0.1';

const crowd = newCrowd(PEERS);
const flows = crowd.map(({ inner }) => inner);
const alone = crowd.slice(0, 1);

export const peers: Scenario = {
  name: 'peers',
  summary: `what it costs that ${PEERS} flows come from as many peers, and not from one`,
  fits: tunnels,
  measure: async (bed, contender) => {
    const one = await load(bed, contender, alone);
    const many = await load(bed, contender, crowd);
    const cost = many.cpuPerPacket / ((one.cpuPerPacket + (await load(bed, contender, alone)).cpuPerPacket) / 2);
    return { peersCost: 100 * (cost - 1), peersMemory: many.memory };
  },
};

interface Outcome {
  /** Of the end that receives, microseconds. */
  readonly cpuPerPacket: number;
  /** MiB. */
  readonly memory: number;
}

/** The same flows from these members. */
async function load(bed: Bed, contender: Contender, members: readonly Member[]): Promise<Outcome> {
  const end = await startDevice(bed, contender, 1, {
    peers: members.map(({ publicKey }, index) => ({
      publicKey,
      addresses: flows.filter((_, flow) => flow % members.length === index),
    })),
  });
  const swarm = startSwarm(bed, members);
  try {
    const say = async (word: string) => (swarm.output().includes(word) ? true : failed(swarm));
    await until('the packets are sealed', () => say('sealed'), 60_000);
    const [packets, cpu] = [received(bed), cpuSeconds([end])];
    swarm.process.kill('SIGUSR2');
    await until('the packets are sent', () => say('sent'), 60_000);
    await until('the packets are taken', () => isQuiet(bed), 60_000);
    const count = received(bed) - packets;
    return { cpuPerPacket: (1e6 * (cpuSeconds([end]) - cpu)) / count, memory: residentMiB([end]) };
  } finally {
    await Promise.all([swarm.stop('SIGKILL'), end.stop()]);
  }
}

function startSwarm(bed: Bed, members: readonly Member[]): Running {
  const swarm: Swarm = {
    target: { address: outerAddress(1), port: PORT },
    publicKey: toBase64(bed.keys[1].publicKey),
    members,
    seconds: bed.options.seconds,
    flows,
    destination: DESTINATION,
    packets: PACKETS,
  };
  const file = join(bed.from.folder, 'swarm.json');
  writeFileSync(file, JSON.stringify(swarm), { mode: 0o600 });
  return bed.from.start(`swarm-${Date.now()}`, process.execPath, [SWARM, file]);
}

/** What the host got from the interface so far. */
function received(bed: Bed): number {
  const [device] = JSON.parse(bed.to.ip('-s', '-j', 'link', 'show', 'dev', deviceName(1))) as [
    { stats64: { rx: { packets: number } } },
  ];
  return device.stats64.rx.packets;
}

async function isQuiet(bed: Bed): Promise<boolean> {
  const before = received(bed);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return received(bed) === before;
}

function failed({ process: { exitCode }, output }: Running): false {
  if (exitCode === null || exitCode === 0) return false;
  throw new Error(output());
}
