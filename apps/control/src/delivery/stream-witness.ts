import type { Clock } from '#kernel';
import type { SentFrame } from '../stream/sent-frame.js';
import type { Delivered } from './delivered.js';
import { countsOf } from './item-counts.js';

/** A frame on its way. */
interface Pending {
  readonly frame: SentFrame;
  readonly sentAt: number;
}

/** Sees what a stream sends and what the agent says to it, and notes what is known by that. */
export class StreamWitness {
  /** Oldest first; as many as an agent may leave unacknowledged. */
  #pending: Pending[] = [];
  #holds = -1;

  constructor(
    readonly nodeId: string,
    private readonly note: (fact: Delivered) => void,
    private readonly clock: Clock,
  ) {}

  /** When the frame was sent that brings this revision, and that the agent has not acknowledged; undefined: none was. */
  sentAt(revision: number): number | undefined {
    return this.#pending.find(({ frame }) => frame.revision >= revision)?.sentAt;
  }

  sent(frame: SentFrame): void {
    // What was sent before a snapshot does not count: the agent could not take it.
    if (frame.base === undefined) this.#pending = [];
    this.#pending.push({ frame, sentAt: this.clock.now() });
  }

  resumed(revision: number): void {
    this.#add('resumed', revision);
  }

  applied(revision: number): void {
    if ((this.#pending[0]?.frame.revision ?? Number.POSITIVE_INFINITY) > revision) {
      if (revision > this.#holds) this.#add('unchanged', revision);
      return;
    }
    for (let sent = this.#pending.shift(); sent; sent = this.#pending.shift()) {
      const next = this.#pending[0]?.frame.revision ?? Number.POSITIVE_INFINITY;
      // With the last frame, the agent is right up to where it was compared.
      this.#add('frame', next > revision ? revision : sent.frame.revision, sent);
      if (next > revision) return;
    }
  }

  left(): void {
    this.#add('left', this.#holds);
  }

  #add(kind: Delivered['kind'], holds: number, sent?: Pending): void {
    this.#holds = Math.max(this.#holds, holds);
    const frame = sent && {
      revision: sent.frame.revision,
      base: sent.frame.base,
      sentAt: sent.sentAt,
      bytes: sent.frame.bytes,
      counts: countsOf(sent.frame.diff),
    };
    this.note({ kind, nodeId: this.nodeId, holds, at: this.clock.now(), ...(frame && { frame }) });
  }
}
