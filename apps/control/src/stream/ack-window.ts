import { equalBytes } from '#kernel';

/** Frames that an agent may have before it says what became of the first. Beyond that it gets one diff, later. */
const WINDOW = 8;

interface Sent {
  readonly revision: number;
  readonly digest: Uint8Array;
}

/** What an acknowledgement means for the frames that were sent. */
export type AckVerdict = 'agreed' | 'stale' | 'disagreed';

/** The frames that were sent and not acknowledged yet, oldest first. */
export class AckWindow {
  #sent: Sent[] = [];

  get full(): boolean {
    return this.#sent.length >= WINDOW;
  }

  get size(): number {
    return this.#sent.length;
  }

  add(revision: number, digest: Uint8Array): void {
    this.#sent.push({ revision, digest });
  }

  /** Forgets all: what the agent says about frames before a snapshot does not matter any more. */
  clear(): void {
    this.#sent = [];
  }

  /** Takes an acknowledgement, which covers all frames before it too. */
  acknowledge(revision: number, digest: Uint8Array): AckVerdict {
    const index = this.#sent.findIndex((sent) => sent.revision === revision);
    const sent = this.#sent[index];
    if (!sent) return 'stale';
    this.#sent = this.#sent.slice(index + 1);
    return equalBytes(sent.digest, digest) ? 'agreed' : 'disagreed';
  }
}
