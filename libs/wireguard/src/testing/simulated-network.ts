import type { Random } from '#kernel';
import type { Path } from '../path.js';

/** What a link does to datagrams; probabilities are 0 to 1, times in ms. */
export interface LinkQuality {
  readonly latency: number;
  /** Delay on top of the latency, at most; datagrams overtake each other because of it. */
  readonly jitter: number;
  readonly loss: number;
  readonly duplication: number;
}

export const LOSSLESS: LinkQuality = { latency: 5, jitter: 0, loss: 0, duplication: 0 };

/** Something with an address and deadlines. */
export interface Station {
  receive(now: number, from: Path, datagram: Uint8Array): void;
  tick(now: number): void;
  nextTimer(): number | undefined;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/** A network and a clock that exist only in numbers: the same seed gives the same run. */
export class SimulatedNetwork {
  now = 0;
  quality: LinkQuality = LOSSLESS;
  /** Sees every datagram as it is sent; returning false loses it. */
  tap: (from: string, to: string, datagram: Uint8Array) => boolean = () => true;
  private readonly stations = new Map<string, Station>();
  private tasks: Task[] = [];

  constructor(private readonly random: Random) {}

  attach(address: string, station: Station): void {
    this.stations.set(address, station);
  }

  detach(address: string): void {
    this.stations.delete(address);
  }

  send(from: string, to: string, datagram: Uint8Array): void {
    const copy = Uint8Array.from(datagram);
    if (!this.tap(from, to, copy) || this.chance() < this.quality.loss) return;
    this.carry(from, to, copy);
    if (this.chance() < this.quality.duplication) this.carry(from, to, copy);
  }

  /** Runs `action` when the clock reaches `at`, after what was scheduled for then before. */
  schedule(at: number, action: () => void): void {
    const place = this.tasks.findIndex((task) => task.at > at);
    this.tasks.splice(place < 0 ? this.tasks.length : place, 0, { at, run: action });
  }

  /** Lets time pass, with everything that happens in it. */
  advance(duration: number): void {
    const end = this.now + duration;
    for (;;) {
      const task = this.tasks[0];
      const timer = this.nextTimer();
      const next = Math.min(task?.at ?? end + 1, timer);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      if (task && task.at <= timer) this.tasks.shift()?.run();
      else for (const station of this.stations.values()) station.tick(this.now);
    }
    this.now = end;
  }

  private carry(from: string, to: string, datagram: Uint8Array): void {
    const at = this.now + this.quality.latency + this.chance() * this.quality.jitter;
    const path = { key: from };
    this.schedule(at, () => this.stations.get(to)?.receive(this.now, path, Uint8Array.from(datagram)));
  }

  private nextTimer(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const station of this.stations.values()) next = Math.min(next, station.nextTimer() ?? next);
    return next;
  }

  private chance(): number {
    return new DataView(Uint8Array.from(this.random.bytes(4)).buffer).getUint32(0) / 0x1_0000_0000;
  }
}
