import type { Logger } from 'pino';
import { type Clock, problemOf } from '#kernel';
import type { Delivered, DeliveredFrame } from './delivered.js';
import type { DeliveryFile, Gap, Heard } from './delivery-file.js';

/** What was learnt for so long may be lost when the process is killed; whoever asks is answered with all of it. */
const FLUSH_MS = 1_000;
/** So many facts are packed in one turn of the event loop: some milliseconds. */
const MAX_BATCH = 1_024;
/** So many facts wait for a file that cannot be written; then they are dropped. */
const MAX_WAITING = 65_536;

/** How it is known that a node holds a revision. */
export interface Evidence {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** False: it may have held it earlier, and this is when the server learnt it. */
  readonly exact: boolean;
  /** The frame that brought it, where one did. */
  readonly frame: DeliveredFrame | undefined;
}

/**
 * What became of netmaps at the nodes, kept across restarts. Facts are gathered and written a moment later, so that nobody
 * who sends or acknowledges waits for the disk. When the file fails, the network goes on, and the log says so.
 */
export class DeliveryLog {
  readonly #waiting = new Map<string, Delivered[]>();
  readonly #listeners = new Map<string, Set<(fact: Delivered) => void>>();
  /** How far each replica was heard of each tailnet, where that is not written yet. */
  readonly #heard = new Map<string, Map<string, number>>();
  #share: (tailnet: string, fact: Delivered) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #failing = false;

  constructor(
    private readonly file: DeliveryFile,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Has somebody told what this process learns by itself. */
  share(tell: (tailnet: string, fact: Delivered) => void): void {
    this.#share = tell;
  }

  /** This process has learnt something. */
  note(tailnet: string, fact: Delivered): void {
    this.#add(tailnet, fact);
    this.#share(tailnet, fact);
  }

  /** Another replica has: what it said before, with this number or a higher one, is known. */
  hear(tailnet: string, facts: readonly Delivered[], replica: string, sequence: number): void {
    if (sequence <= (this.#heard.get(tailnet)?.get(replica) ?? this.file.heard(tailnet, replica))) return;
    this.said(tailnet, replica, sequence);
    for (const fact of facts) this.#add(tailnet, fact);
  }

  /** What a replica, this one or another, has said up to this number is known: a later run hears it again. */
  said(tailnet: string, replica: string, sequence: number): void {
    const heard = this.#heard.get(tailnet) ?? new Map<string, number>();
    this.#heard.set(tailnet, heard.set(replica, sequence));
  }

  #add(tailnet: string, fact: Delivered): void {
    const waiting = this.#waiting.get(tailnet);
    if (waiting) waiting.push(fact);
    else this.#waiting.set(tailnet, [fact]);
    this.#timer ??= setTimeout(() => this.#tick(), FLUSH_MS);
    for (const listener of this.#listeners.get(tailnet) ?? []) listener(fact);
  }

  /** Calls back with every new fact of a tailnet, until the answer is called. */
  listen(tailnet: string, listener: (fact: Delivered) => void): () => void {
    const listeners = this.#listeners.get(tailnet) ?? new Set();
    this.#listeners.set(tailnet, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * How it is first known of each of these nodes that it holds this revision; nodes of which it is not known are absent.
   * @param recordedAt when the revision was recorded
   */
  evidence(tailnet: string, revision: number, recordedAt: number, nodes: ReadonlySet<string>): Map<string, Evidence> {
    this.flush();
    const found = new Map<string, Evidence>();
    const complete = (this.file.horizon(tailnet) ?? Number.NEGATIVE_INFINITY) < recordedAt;
    for (const { kind, nodeId, holds, at, frame } of this.file.since(tailnet, revision)) {
      if (kind === 'left' || holds < revision || found.has(nodeId) || !nodes.has(nodeId)) continue;
      found.set(nodeId, { at, exact: complete && kind !== 'resumed', frame });
      if (found.size === nodes.size) break;
    }
    return found;
  }

  /** When each of these nodes was last heard of; those that never were are absent. */
  lastHeard(tailnet: string, nodes: ReadonlySet<string>): Map<string, number> {
    this.flush();
    const found = new Map<string, number>();
    for (const facts of nodes.size === 0 ? [] : this.file.backwards(tailnet)) {
      for (const { nodeId, at } of facts.toReversed()) {
        if (nodes.has(nodeId) && !found.has(nodeId)) found.set(nodeId, at);
      }
      if (found.size === nodes.size) break;
    }
    return found;
  }

  /** The times since then in which the server was stopped without warning, and may have lost what it had just learnt. */
  gaps(since: number): Gap[] {
    return this.file.gaps(since);
  }

  /** Writes all that waits. */
  flush(): void {
    while (this.#waiting.size > 0 && this.#writeSome());
  }

  close(): void {
    clearTimeout(this.#timer);
    this.flush();
    this.file.close(this.clock.now());
  }

  #tick(): void {
    this.#timer = undefined;
    const written = this.#writeSome();
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#tick(), written ? 0 : FLUSH_MS);
  }

  /** Writes one batch of each tailnet. */
  #writeSome(): boolean {
    try {
      for (const [tailnet, facts] of this.#waiting) {
        const isAll = facts.length <= MAX_BATCH;
        const heard: Heard = isAll ? (this.#heard.get(tailnet) ?? new Map()) : new Map();
        this.file.write(tailnet, facts.slice(0, MAX_BATCH), this.clock.now(), heard);
        if (isAll) this.#heard.delete(tailnet);
        if (isAll) this.#waiting.delete(tailnet);
        else this.#waiting.set(tailnet, facts.slice(MAX_BATCH));
      }
      this.#failing = false;
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    if (!this.#failing) this.logger.error({ problem: problemOf(error) }, 'the delivery log cannot be written');
    this.#failing = true;
    for (const [tailnet, facts] of this.#waiting) {
      if (facts.length > MAX_WAITING) this.#waiting.set(tailnet, facts.slice(-MAX_WAITING));
    }
  }
}
