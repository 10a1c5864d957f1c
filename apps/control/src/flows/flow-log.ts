import type { Clock } from '#kernel';
import type { Bus } from '#messaging';
import type { FlowReport } from '#wire';
import { flowMessage } from './flow-message.js';
import { FlowQueue } from './flow-queue.js';

/** Agents report once a minute; one that comes back may do so earlier. */
const EVERY_MS = 10_000;

/** What became of the flows that agents have reported since this process started. */
export interface FlowCounts {
  published: number;
  /** No bus, or one that was away for so long that too much waited. */
  dropped: number;
  /** In reports that came too soon after another one of their node. */
  tooOften: number;
}

/** Passes on what nodes say of their flows. It keeps what the bus does not take yet, and no stream waits for it. */
export class FlowLog {
  readonly counts: FlowCounts = { published: 0, dropped: 0, tooOften: 0 };
  /** When each node reported last; those of longer ago are forgotten. */
  readonly #last = new Map<string, number>();
  #forgotAt = 0;
  readonly #queue: FlowQueue | undefined;

  /** @param bus where others can listen; undefined: there is none */
  constructor(
    bus: Bus | undefined,
    private readonly clock: Clock,
    pauseMs?: number,
  ) {
    const told = (outcome: 'published' | 'dropped', flows: number) => {
      this.counts[outcome] += flows;
    };
    this.#queue = bus && new FlowQueue(bus, told, pauseMs);
  }

  /** Whether agents may send reports. */
  get isOpen(): boolean {
    return this.#queue !== undefined;
  }

  /** @param node who reports, as its stream has proven */
  take(tailnet: string, node: string, report: FlowReport): void {
    if (report.flows.length + report.omitted === 0) return;
    const reportedAt = this.clock.now();
    if (!this.#isDue(`${tailnet} ${node}`, reportedAt)) this.counts.tooOften += report.flows.length;
    else if (!this.#queue) this.counts.dropped += report.flows.length;
    else this.#queue.add(flowMessage({ tailnet, node, reportedAt, report }), report.flows.length);
  }

  /** Sends what waits, if the bus takes it now. */
  async close(): Promise<void> {
    await this.#queue?.close();
  }

  #isDue(who: string, now: number): boolean {
    if (isPast(this.#forgotAt, now)) this.#forget(now);
    const last = this.#last.get(who);
    if (last !== undefined && !isPast(last, now)) return false;
    this.#last.set(who, now);
    return true;
  }

  #forget(now: number): void {
    this.#forgotAt = now;
    for (const [who, last] of this.#last) if (isPast(last, now)) this.#last.delete(who);
  }
}

/** A clock that was set back makes nobody wait. */
const isPast = (last: number, now: number): boolean => now < last || now - last >= EVERY_MS;
