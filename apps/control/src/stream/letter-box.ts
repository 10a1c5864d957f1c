import { encodeServerMessage, type Letter } from '#wire';

/** Letters that wait for a slow agent, some hundred kilobytes; their senders write again. */
const MOST_WAITING = 256;

/** Letters on their way to one agent, in order. They mean something for seconds: nobody keeps them. */
export class LetterBox {
  readonly #waiting: Letter[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** @returns false when the box is full, and the letter lost */
  add(letter: Letter): boolean {
    return this.size < MOST_WAITING && this.#waiting.push(letter) > 0;
  }

  /** The next message, or undefined. */
  take(): Uint8Array | undefined {
    const letter = this.#waiting.shift();
    return letter && encodeServerMessage({ kind: 'letter', letter });
  }
}
