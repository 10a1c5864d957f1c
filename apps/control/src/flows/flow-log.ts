import type { Clock } from '#kernel';
import { type Bus, FLOWS, type Message } from '#messaging';
import type { FlowReport } from '#wire';
import { flowMessage } from './flow-message.js';

/** Agents report once a minute; one that comes back may do so earlier. */
const EVERY_MS = 10_000;
/** What may wait for a slow broker: a hundred reports of a thousand flows. */
const MAX_WAITING_BYTES = 32 << 20;

/** What became of the flows that agents have reported since this process started. */
export interface FlowCounts {
  published: number;
  /** No bus, or one that is away or slow. */
  dropped: number;
  /** In reports that came too soon after another one of their node. */
  tooOften: number;
}

/**
 * Passes on what nodes say of their flows. It keeps nothing, and no stream waits for it: what the bus does not take now is
 * lost, and counted.
 */
export class FlowLog {
  readonly counts: FlowCounts = { published: 0, dropped: 0, tooOften: 0 };
  /** When each node reported last; those of longer ago are forgotten. */
  readonly #last = new Map<string, number>();
  #forgotAt = 0;
  #waitingBytes = 0;

  /** @param bus where others can listen; undefined: there is none */
  constructor(
    private readonly bus: Bus | undefined,
    private readonly clock: Clock,
  ) {}

  /** Whether agents may send reports. */
  get isOpen(): boolean {
    return this.bus !== undefined;
  }

  /** @param node who reports, as its stream has proven */
  take(tailnet: string, node: string, report: FlowReport): void {
    if (report.flows.length + report.omitted === 0) return;
    const reportedAt = this.clock.now();
    if (!this.#isDue(`${tailnet} ${node}`, reportedAt)) this.counts.tooOften += report.flows.length;
    else void this.#publish(flowMessage({ tailnet, node, reportedAt, report }), report.flows.length);
  }

  async #publish(message: Message, flows: number): Promise<void> {
    const outcome = await this.#offer(message, message.value?.length ?? 0);
    this.counts[outcome] += flows;
  }

  async #offer(message: Message, bytes: number): Promise<'published' | 'dropped'> {
    if (!this.bus || this.#waitingBytes + bytes > MAX_WAITING_BYTES) return 'dropped';
    this.#waitingBytes += bytes;
    try {
      await this.bus.publish(FLOWS, message);
      return 'published';
    } catch {
      return 'dropped';
    } finally {
      this.#waitingBytes -= bytes;
    }
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
