import type { Host } from '../../netns/lab/host.js';
import { until } from '../../netns/lab/until.js';

/** What is measured of one contender in one round. */
export interface Figures {
  /** Mbit/s of TCP payload. */
  readonly tcp1: number;
  readonly tcp4: number;
  /** Datagrams of 64 and 1,200 bytes that arrived, thousands a second. */
  readonly udp64: number;
  readonly udp1200: number;
  /** Average of an idle ping, ms. */
  readonly ping: number;
  /** Processor time of both ends for a gigabit of TCP, seconds; undefined where there is no tunnel. */
  readonly cpuPerGbit?: number;
  /** Of both ends at the end, MiB. */
  readonly memory?: number;
}

interface IperfReport {
  readonly error?: string;
  readonly end: {
    readonly sum_received: { readonly bits_per_second: number; readonly bytes: number };
    readonly sum: { readonly packets: number; readonly lost_packets: number; readonly seconds: number };
  };
}

/** Two hosts, and the address at which the first one reaches the second. */
export interface Link {
  readonly from: Host;
  readonly to: Host;
  readonly target: string;
  readonly cpuSeconds?: () => number;
  readonly memory?: () => number;
}

export async function measure(link: Link, seconds: number): Promise<Figures> {
  const server = link.to.start('iperf3', 'iperf3', ['-s', '-B', link.target]);
  try {
    const before = link.cpuSeconds?.() ?? 0;
    const one = await iperf(link, ['-t', String(seconds)]);
    const cpu = (link.cpuSeconds?.() ?? 0) - before;
    const ping = await idlePing(link);
    const four = await iperf(link, ['-t', String(seconds), '-P', '4']);
    const udp64 = await received(link, seconds, 64);
    const udp1200 = await received(link, seconds, 1200);
    return {
      tcp1: one.end.sum_received.bits_per_second / 1e6,
      tcp4: four.end.sum_received.bits_per_second / 1e6,
      udp64,
      udp1200,
      ping,
      ...(link.cpuSeconds && { cpuPerGbit: cpu / ((one.end.sum_received.bytes * 8) / 1e9) }),
      ...(link.memory && { memory: link.memory() }),
    };
  } finally {
    await server.stop('SIGKILL');
  }
}

async function received(link: Link, seconds: number, size: number): Promise<number> {
  const { sum } = (await iperf(link, ['-u', '-b', '0', '-l', String(size), '-t', String(seconds)])).end;
  return (sum.packets - sum.lost_packets) / sum.seconds / 1000;
}

/** A server that is not there yet, or still busy with the client before, is asked again. */
const iperf = ({ from, target }: Link, words: readonly string[]): Promise<IperfReport> =>
  until(
    `iperf3 ${words.join(' ')}`,
    async () => {
      const ran = await from.run('iperf3', ['-c', target, '-J', ...words]);
      const report = JSON.parse(ran.stdout) as IperfReport;
      if (report.error) throw new Error(report.error);
      return report;
    },
    60_000,
  );

async function idlePing({ from, target }: Link): Promise<number> {
  const { stdout } = await from.run('ping', ['-n', '-q', '-c', '100', '-i', '0.02', target]);
  return Number(/= [\d.]+\/([\d.]+)\//.exec(stdout)?.[1]);
}
