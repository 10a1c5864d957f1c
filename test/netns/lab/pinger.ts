import type { Host, Running } from './host.js';

/** A `ping` that runs until it is asked for its result. */
export class Pinger {
  private constructor(private readonly running: Running) {}

  /** @param interval seconds between two packets */
  static start(host: Host, label: string, target: string, interval = 0.01): Pinger {
    return new Pinger(host.start(label, 'ping', ['-n', '-i', String(interval), '-W', '2', target]));
  }

  /** How many answers have come so far. */
  get answers(): number {
    return this.running.output().match(/bytes from/g)?.length ?? 0;
  }

  /** Ends the ping; what was sent and what came back. */
  async finish(): Promise<{ sent: number; received: number }> {
    await this.running.stop('SIGINT');
    const counts = /(\d+) packets transmitted, (\d+) received/.exec(this.running.output());
    if (!counts) throw new Error(`ping printed no summary:\n${this.running.output()}`);
    return { sent: Number(counts[1]), received: Number(counts[2]) };
  }
}
