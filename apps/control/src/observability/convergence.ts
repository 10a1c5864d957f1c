import type { StoredEvent } from '#event-store';

/** An event that some of the agents that are connected here have not acknowledged yet. */
interface Unfinished {
  readonly event: StoredEvent;
  /** Monotonic, in milliseconds. */
  readonly since: number;
  readonly waitingFor: Set<object>;
}

/** What is told of events on their way to agents; each stands for itself, and none is told for what was not watched. */
export interface ConvergenceEvents {
  /** All agents that were connected and concerned have it, or have left. @param ms since it was recorded */
  finished(tailnet: string, event: StoredEvent, ms: number): void;
  /** It is not waited for any more: somebody has not acknowledged it for long, or too much else is under way. */
  abandoned(tailnet: string, event: StoredEvent, missing: number): void;
}

/** So many events of a tailnet are watched at the same time; while they last, others are not. */
const MOST_WATCHED = 64;
/** An agent that takes longer counts as behind, and not any more for the time that an event takes. */
const GIVE_UP_MS = 60_000;

/**
 * Measures the time from an append to the last acknowledgement, among the agents that are connected to this replica when
 * the event arrives. It costs nothing for events that concern nobody here, and is bounded by what it watches.
 */
export class Convergence {
  readonly #byTailnet = new Map<string, Unfinished[]>();

  /**
   * @param now milliseconds since the Unix epoch, as events are recorded in
   * @param monotonic in milliseconds
   */
  constructor(
    private readonly events: ConvergenceEvents,
    private readonly now: () => number,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  /** How many are under way. */
  get unfinished(): number {
    let sum = 0;
    for (const list of this.#byTailnet.values()) sum += list.length;
    return sum;
  }

  /** For how long the oldest is, in seconds; 0: none is. */
  get oldestSeconds(): number {
    const now = this.monotonic();
    let oldest = now;
    for (const [first] of this.#byTailnet.values()) oldest = Math.min(oldest, first?.since ?? oldest);
    return (now - oldest) / 1_000;
  }

  /** An event was applied here, and concerns these streams. @returns whether it is watched */
  began(tailnet: string, event: StoredEvent, streams: Iterable<object>): boolean {
    const waitingFor = new Set(streams);
    if (waitingFor.size === 0) return false;
    const list = this.#byTailnet.get(tailnet) ?? [];
    this.#giveUp(tailnet, list);
    if (list.length >= MOST_WATCHED) return false;
    list.push({ event, since: this.monotonic(), waitingFor });
    this.#byTailnet.set(tailnet, list);
    return true;
  }

  /** An agent has all up to this revision. */
  applied(tailnet: string, stream: object, revision: number): void {
    this.#settle(tailnet, stream, revision);
  }

  /** A stream has ended; its agent hears of the rest when it comes back. */
  left(tailnet: string, stream: object): void {
    this.#settle(tailnet, stream, Number.POSITIVE_INFINITY);
  }

  #settle(tailnet: string, stream: object, revision: number): void {
    const list = this.#byTailnet.get(tailnet);
    if (!list) return;
    let finished = false;
    for (const { event, waitingFor } of list) {
      if (event.revision > revision) break;
      if (!waitingFor.delete(stream) || waitingFor.size > 0) continue;
      finished = true;
      this.events.finished(tailnet, event, Math.max(0, this.now() - event.recordedAt));
    }
    if (finished)
      this.#keep(
        tailnet,
        list.filter(({ waitingFor }) => waitingFor.size > 0),
      );
  }

  #giveUp(tailnet: string, list: Unfinished[]): void {
    const limit = this.monotonic() - GIVE_UP_MS;
    for (let first = list[0]; first && first.since < limit; first = list[0]) {
      list.shift();
      this.events.abandoned(tailnet, first.event, first.waitingFor.size);
    }
  }

  #keep(tailnet: string, list: Unfinished[]): void {
    if (list.length === 0) this.#byTailnet.delete(tailnet);
    else this.#byTailnet.set(tailnet, list);
  }
}
