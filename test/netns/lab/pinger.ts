import type { Host, Running } from './host.js';

/** A `ping` that runs until it is asked for its result. */
export class Pinger {
  private constructor(private readonly running: Running) {}

  /** @param interval seconds between two packets */
  static start(host: Host, label: string, target: string, interval = 0.01): Pinger {
    return new Pinger(host.start(label, 'ping', ['-n', '-i', String(interval), target]));
  }

  /** How many answers have come so far. */
  get answers(): number {
    return this.#answered().length;
  }

  /** Ends the ping. @returns the numbers of the lost packets: what a later one overtook; others may be on their way */
  async finish(): Promise<number[]> {
    await this.running.stop('SIGINT');
    const answered = new Set(this.#answered());
    return Array.from({ length: Math.max(...answered) }, (_, i) => i + 1).filter((number) => !answered.has(number));
  }

  #answered(): number[] {
    return [...this.running.output().matchAll(/bytes from .*\bicmp_seq=(\d+)/g)].map(([, number]) => Number(number));
  }
}
