interface Passing {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** One direction of a link that delays everything by the same time, and loses nothing. */
export class DelayLine {
  #passing: Passing[] = [];
  #first = 0;

  /** @param delay ms */
  constructor(readonly delay: number) {}

  /** Keeps a copy. */
  push(now: number, bytes: Uint8Array): void {
    this.#passing.push({ at: now + this.delay, bytes: bytes.slice() });
  }

  /** The next one that has arrived. */
  take(now: number): Uint8Array | undefined {
    const next = this.#passing[this.#first];
    if (!next || next.at > now) return undefined;
    this.#first++;
    if (this.#first === this.#passing.length) {
      this.#passing = [];
      this.#first = 0;
    }
    return next.bytes;
  }
}
