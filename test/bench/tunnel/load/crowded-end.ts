import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBase64 } from '#kernel';
import type { Host, Running } from '../../../netns/lab/host.js';
import { until } from '../../../netns/lab/until.js';
import { type Bed, innerAddress, MANY_SOURCES, outerAddress, PORT } from '../bed.js';
import type { Contender } from '../contender.js';
import { deviceName, startDevice } from '../link.js';
import { cpuSeconds, residentMiB } from '../usage.js';
import type { Spray } from './spray.js';
import type { Swarm } from './swarm.js';

const SWARM = fileURLToPath(new URL('./swarm.js', import.meta.url));
const SPRAY = fileURLToPath(new URL('./spray.js', import.meta.url));
/** Of a crowd's members. */
const FLOWS = '10.70.0.0/16';
/** Nobody is there: the host drops what it gets. */
const DESTINATION = '10.71.0.1';
/** In one turn. */
const PACKETS = 50_000;
const BURSTS = 2_000;
const PATIENCE = 120_000;

/** As the host sees its interface: `rx` is what it gets from the tunnel, `tx` what it hands over to it. */
export type Way = 'rx' | 'tx';

/** What has been so far. */
export interface Tally {
  /** Of the end, seconds of processor time. */
  readonly cpu: number;
  /** That went its way through the interface. */
  readonly bytes: number;
}

/** One end of a tunnel, to which many flows come from its peers and from which as many go there, a turn at a time. */
export class CrowdedEnd {
  readonly #senders: Readonly<Record<Way, Running>>;

  private constructor(
    readonly host: Host,
    readonly end: Running,
    swarm: Running,
    spray: Running,
  ) {
    this.#senders = { rx: swarm, tx: spray };
  }

  /**
   * @param members the flows are dealt out to them in turn
   * @param turns how many turns there will be each way
   */
  static async open(
    bed: Bed,
    contender: Contender,
    { host, address }: { readonly host: Host; readonly address: string },
    { members, flows, turns }: Pick<Swarm, 'members' | 'flows' | 'turns'>,
  ): Promise<CrowdedEnd> {
    const peers = members.map(({ publicKey }, index) => ({
      publicKey,
      addresses: flows.filter((_, flow) => flow % members.length === index),
    }));
    const end = await startDevice(bed, contender, 1, { peers }, host);
    host.ip('route', 'replace', FLOWS, 'dev', deviceName(1));
    host.ip('route', 'replace', `${MANY_SOURCES}.0.0/16`, 'via', outerAddress(0));
    const swarm: Swarm = {
      target: { address, port: PORT },
      publicKey: toBase64(bed.keys[1].publicKey),
      members,
      seconds: bed.options.seconds,
      flows,
      destination: DESTINATION,
      packets: PACKETS,
      turns,
    };
    const spray: Spray = { source: innerAddress(1), destinations: flows, bursts: BURSTS };
    return new CrowdedEnd(host, end, startLoad(bed.from, SWARM, swarm), startLoad(host, SPRAY, spray));
  }

  async ready(): Promise<void> {
    for (const way of ['rx', 'tx'] as const) await this.#hears(way, 'ready', 1);
  }

  tally(way: Way): Tally {
    const link = this.host.ip('-s', '-j', 'link', 'show', 'dev', deviceName(1));
    const [device] = JSON.parse(link) as [{ stats64: Record<Way, { bytes: number }> }];
    return { cpu: cpuSeconds([this.end]), bytes: device.stats64[way].bytes };
  }

  /** MiB. */
  get memory(): number {
    return residentMiB([this.end]);
  }

  /** Has as much sent as is sent at a time, and waits until it is through. @param turn from 1 on */
  async turn(way: Way, turn: number): Promise<void> {
    this.#senders[way].process.kill('SIGUSR2');
    await this.#hears(way, 'sent', turn);
    let before = Number.NaN;
    const isQuiet = async () => {
      const { bytes } = this.tally(way);
      const quiet = bytes === before;
      before = bytes;
      return quiet;
    };
    await until('the packets are taken', isQuiet, PATIENCE);
  }

  async close(): Promise<void> {
    const { rx, tx } = this.#senders;
    await Promise.all([rx.stop('SIGKILL'), tx.stop('SIGKILL'), this.end.stop()]);
  }

  #hears(way: Way, word: string, times: number): Promise<unknown> {
    const { process, output } = this.#senders[way];
    const says = async () => {
      if (process.exitCode !== null) throw new Error(output());
      return output().split(word).length > times;
    };
    return until(`the load is ${word}`, says, PATIENCE);
  }
}

function startLoad(host: Host, program: string, task: object): Running {
  const name = `load-${Date.now()}-${host.name}`;
  const file = join(host.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(task), { mode: 0o600 });
  return host.start(name, process.execPath, [program, file]);
}
