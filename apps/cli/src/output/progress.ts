import type { Io } from './io.js';

const WIDTH = 30;
/** Milliseconds between two drawings. */
const EVERY = 100;
const ERASE_LINE = '\r\u001b[K';

/** Whole numbers as people read them: `1,310`. */
export const formatCount = (count: number): string => count.toLocaleString('en');

/** How far a long command is, on the last line of the terminal. Where there is none, nothing is said. */
export class Progress {
  readonly #shown: boolean;
  #drawnAt = 0;

  /** @param total what 100 % are; undefined when nobody knows */
  constructor(
    private readonly io: Io,
    private readonly what: string,
    private readonly total: number | undefined,
  ) {
    this.#shown = io.stderr.isTTY === true && io.env.TERM !== 'dumb';
  }

  readonly update = (done: number): void => {
    const now = this.io.now();
    if (!this.#shown || now - this.#drawnAt < EVERY) return;
    this.#drawnAt = now;
    this.io.stderr.write(`${ERASE_LINE}${this.what} ${this.#bar(done)}`);
  };

  /** Leaves the line as it was. */
  end(): void {
    if (this.#shown && this.#drawnAt > 0) this.io.stderr.write(ERASE_LINE);
  }

  #bar(done: number): string {
    if (!this.total) return formatCount(done);
    const part = Math.min(1, done / this.total);
    const full = Math.round(part * WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
    return `${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${formatCount(done)} of ${formatCount(this.total)}`;
  }
}
