import { REPLAY_WINDOW } from '../constants.js';

const WORD = 32;
/** One word more than the window has, because a run of 8,192 bits may begin in the middle of a word. */
const WORDS = REPLAY_WINDOW / WORD + 1;

/**
 * Which counters have been seen, as a ring of bits behind the greatest (5.4.6; RFC 6479). The newest word of it is kept
 * apart: messages that come in order look nowhere else.
 */
export class ReplayWindow {
  private readonly words = new Int32Array(WORDS);
  private next = 0;
  /** The bits of the word that the greatest counter is in. */
  private newest = 0;

  /** One more than the greatest counter seen. */
  get end(): number {
    return this.next;
  }

  /** Whether `accept` would take this counter: cheap enough to ask before decrypting. */
  admits(counter: number): boolean {
    if (counter >= this.next) return true;
    if (this.next - counter > REPLAY_WINDOW) return false;
    return (this.wordOf(counter) & bitOf(counter)) === 0;
  }

  /** Marks the counter of an authenticated message as seen; false when it was seen before or is too old. */
  accept(counter: number): boolean {
    if (!this.admits(counter)) return false;
    if (counter >= this.next) this.advance(counter);
    if (this.isNewest(counter)) this.newest |= bitOf(counter);
    else this.words[slot(counter)] = this.wordOf(counter) | bitOf(counter);
    return true;
  }

  private isNewest(counter: number): boolean {
    return Math.floor(counter / WORD) === Math.floor((this.next - 1) / WORD);
  }

  private wordOf(counter: number): number {
    return this.isNewest(counter) ? this.newest : (this.words[slot(counter)] as number);
  }

  private advance(counter: number): void {
    const last = Math.floor((this.next - 1) / WORD);
    const words = Math.min(WORDS, Math.floor(counter / WORD) - last);
    if (words > 0) {
      if (this.next > 0) this.words[slot(this.next - 1)] = this.newest;
      this.newest = 0;
    }
    for (let i = 1; i <= words; i++) this.words[(last + i + WORDS) % WORDS] = 0;
    this.next = counter + 1;
  }
}

const slot = (counter: number): number => Math.floor(counter / WORD) % WORDS;
const bitOf = (counter: number): number => 1 << (counter % WORD);
