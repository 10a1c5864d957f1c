import { until } from '../../netns/lab/until.js';
import type { Bed } from './bed.js';
import type { Link } from './link.js';
import { cpuSeconds } from './usage.js';

interface IperfReport {
  readonly error?: string;
  readonly end: {
    readonly sum_received: { readonly bits_per_second: number; readonly bytes: number };
    readonly sum: { readonly packets: number; readonly lost_packets: number; readonly seconds: number };
  };
}

/** What went over a link. */
export interface Carried {
  /** Of TCP payload. */
  readonly mbps: number;
  /** Of both ends of the tunnel for a gigabit. */
  readonly cpuPerGbit: number;
}

/** A server of iperf3 at the end of a link, and its clients. */
export class Iperf {
  private constructor(
    private readonly bed: Bed,
    private readonly link: Link,
  ) {}

  /** Does it with a server, and ends that whatever happens. */
  static async over<T>(bed: Bed, link: Link, use: (iperf: Iperf) => Promise<T>): Promise<T> {
    const server = bed.to.start('iperf3', 'iperf3', ['-s', '-B', link.target]);
    try {
      const iperf = new Iperf(bed, link);
      // Not counted: a program that is compiled while it runs has not been yet.
      await iperf.tcp(1);
      await iperf.udp(64);
      return await use(iperf);
    } finally {
      await server.stop('SIGKILL');
    }
  }

  /** As much TCP as goes over the link. */
  async tcp(streams: number): Promise<Carried> {
    const before = cpuSeconds(this.link.ends);
    const { bits_per_second, bytes } = (await this.run(['-P', String(streams)])).end.sum_received;
    const cpu = cpuSeconds(this.link.ends) - before;
    return { mbps: bits_per_second / 1e6, cpuPerGbit: cpu / ((bytes * 8) / 1e9) };
  }

  /** As many datagrams as can be sent; thousands a second that arrive. */
  async udp(size: number): Promise<number> {
    const { sum } = (await this.run(['-u', '-b', '0', '-l', String(size)])).end;
    return (sum.packets - sum.lost_packets) / sum.seconds / 1000;
  }

  /** A server that is not there yet, or still busy with the client before, is asked again. */
  private run(words: readonly string[]): Promise<IperfReport> {
    const { from, options } = this.bed;
    const all = ['-c', this.link.target, '-J', '-t', String(options.seconds), ...words];
    return until(
      `iperf3 ${all.join(' ')}`,
      async () => {
        const report = JSON.parse((await from.run('iperf3', all)).stdout) as IperfReport;
        if (report.error) throw new Error(report.error);
        return report;
      },
      60_000,
    );
  }
}
