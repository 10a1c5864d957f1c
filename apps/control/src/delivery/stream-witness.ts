import type { Clock } from '#kernel';
import type { SentFrame } from '../stream/sent-frame.js';
import type { Delivered } from './delivered.js';
import { countsOf } from './item-counts.js';

/** A frame on its way. */
interface Pending extends SentFrame {
  readonly sentAt: number;
}

/** Sees what a stream sends and what the agent says to it, and notes what is known by that. */
export class StreamWitness {
  #pending: Pending[] = [];
  #holds = -1;

  constructor(
    readonly nodeId: string,
    private readonly note: (fact: Delivered) => void,
    private readonly clock: Clock,
  ) {}

  /** When the frame was sent that brings this revision, and that the agent has not acknowledged; undefined: none was. */
  sentAt(revision: number): number | undefined {
    return this.#pending.find((frame) => frame.revision >= revision)?.sentAt;
  }

  sent(frame: SentFrame): void {
    // What was sent before a snapshot does not count: the agent could not take it.
    if (frame.base === undefined) this.#pending = [];
    this.#pending.push({ ...frame, sentAt: this.clock.now() });
  }

  resumed(revision: number): void {
    this.#add('resumed', revision);
  }

  applied(revision: number): void {
    const due = this.#pending.filter((frame) => frame.revision <= revision);
    if (due.length === 0) {
      if (revision > this.#holds) this.#add('unchanged', revision);
      return;
    }
    this.#pending = this.#pending.slice(due.length);
    due.forEach((frame, i) => {
      // With the last frame, the agent is right up to where it was compared.
      this.#add('frame', i === due.length - 1 ? revision : frame.revision, frame);
    });
  }

  left(): void {
    this.#add('left', this.#holds);
  }

  #add(kind: Delivered['kind'], holds: number, sent?: Pending): void {
    this.#holds = Math.max(this.#holds, holds);
    const frame = sent && {
      revision: sent.revision,
      base: sent.base,
      sentAt: sent.sentAt,
      bytes: sent.bytes,
      counts: countsOf(sent.diff),
    };
    this.note({ kind, nodeId: this.nodeId, holds, at: this.clock.now(), ...(frame && { frame }) });
  }
}
