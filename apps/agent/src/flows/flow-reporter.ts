import type { TakenFlows } from '#filter';
import { type Clock, problemOf } from '#kernel';
import { type FlowReport, MAX_FLOWS } from '#wire';
import type { Pause } from '../link/control-link.js';
import { flowReport } from './flow-report.js';

/** Milliseconds from one report to the next. */
export const REPORT_EVERY_MS = 60_000;
/** Milliseconds that a node which stops waits for its last report to be on its way. */
const LAST_REPORT_MS = 1_000;

export interface FlowReporterPorts {
  /** The flows that had a packet since the last time; as `PacketFilter.takeFlows` does it. */
  take(most: number): TakenFlows;
  /** Whether there is a connection to a server that takes reports. */
  isListening(): boolean;
  send(report: FlowReport): void;
  /** Resolves when what was sent is on its way; perhaps never. */
  flushed(): Promise<void>;
  readonly wallClock: Clock;
  /** Milliseconds of the clock that flows are dated by. */
  readonly monotonic: () => number;
  readonly pause: Pause;
  readonly log: (line: string) => void;
}

/**
 * Tells the control plane once a minute, and once at the end, which flows there were. While nobody listens nothing is
 * taken: what the filter still remembers when somebody does is told then, and what it has forgotten is counted.
 */
export class FlowReporter {
  readonly #closed = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(readonly ports: FlowReporterPorts) {}

  start(): void {
    this.#running = this.#run();
  }

  /** Makes the last report; the connection may be closed when this resolves. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
    this.#report();
    const flushed = new AbortController();
    await Promise.race([this.ports.flushed(), this.ports.pause(LAST_REPORT_MS, flushed.signal)]);
    flushed.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    for (;;) {
      await this.ports.pause(REPORT_EVERY_MS, signal);
      if (signal.aborted) return;
      this.#report();
    }
  }

  #report(): void {
    const { take, isListening, send, wallClock, monotonic, log } = this.ports;
    if (!isListening()) return;
    try {
      const report = flowReport(take(MAX_FLOWS), wallClock.now() - monotonic());
      if (report.flows.length > 0 || report.omitted > 0) send(report);
    } catch (error) {
      log(`the flows of the last minute are not reported: ${problemOf(error).message}`);
    }
  }
}
