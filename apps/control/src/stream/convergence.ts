import type { Cause } from '#wire';
import type { AgentStream } from './agent-stream.js';

/** So many of the newest revisions are remembered. */
const REMEMBERED = 512;

interface Entry {
  readonly revision: number;
  readonly cause: Cause;
  readonly waiting: Set<AgentStream>;
  /** Node → when it acknowledged, in milliseconds since the Unix epoch. */
  readonly acknowledged: Map<string, number>;
}

/** How far a revision has come: who was concerned and connected when it was appended, and when each had applied it. */
export interface ConvergenceReport {
  readonly revision: number;
  readonly type: string;
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt: number;
  readonly acknowledged: readonly { readonly nodeId: string; readonly at: number }[];
  readonly waiting: readonly string[];
  /** When the last one acknowledged; absent while somebody has not. */
  readonly convergedAt?: number;
}

/** When the newest revisions took effect at those they concern. Kept in memory, for as long as it interests somebody. */
export class Convergence {
  /** Oldest first, revisions ascending. */
  #entries: Entry[] = [];

  begin(revision: number, cause: Cause, concerned: Iterable<AgentStream>): void {
    this.#entries.push({ revision, cause, waiting: new Set(concerned), acknowledged: new Map() });
    if (this.#entries.length >= 2 * REMEMBERED) this.#entries = this.#entries.slice(-REMEMBERED);
  }

  /** @param at milliseconds since the Unix epoch */
  applied(stream: AgentStream, revision: number, at: number): void {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i];
      if (!entry || entry.revision <= stream.appliedRevision) return;
      if (entry.revision <= revision && entry.waiting.delete(stream)) entry.acknowledged.set(stream.nodeId, at);
    }
  }

  /** A stream that ended will not acknowledge anything: its agent gets the newest netmap when it comes back. */
  ended(stream: AgentStream): void {
    for (const entry of this.#entries) entry.waiting.delete(stream);
  }

  report(revision: number): ConvergenceReport | undefined {
    const entry = this.#entries.find((one) => one.revision === revision);
    if (!entry) return undefined;
    const acknowledged = [...entry.acknowledged].map(([nodeId, at]) => ({ nodeId, at }));
    const waiting = [...entry.waiting].map(({ nodeId }) => nodeId);
    const times = acknowledged.map(({ at }) => at);
    return {
      revision,
      type: entry.cause.type,
      recordedAt: entry.cause.recordedAt,
      acknowledged,
      waiting,
      ...(waiting.length === 0 && { convergedAt: Math.max(entry.cause.recordedAt, ...times) }),
    };
  }
}
