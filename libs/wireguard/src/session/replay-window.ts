import { REPLAY_WINDOW } from '../constants.js';

const WORD = 32;
/** One word more than the window has, because a run of 8,192 bits may begin in the middle of a word. */
const WORDS = REPLAY_WINDOW / WORD + 1;

/** Which counters have been seen, as a ring of bits behind the greatest (5.4.6; RFC 6479). */
export class ReplayWindow {
  private readonly words = new Uint32Array(WORDS);
  /** One more than the greatest counter seen. */
  private next = 0;

  /** Whether `accept` would take this counter: cheap enough to ask before decrypting. */
  admits(counter: number): boolean {
    if (counter >= this.next) return true;
    if (this.next - counter > REPLAY_WINDOW) return false;
    return (((this.words[slot(counter)] as number) >>> (counter % WORD)) & 1) === 0;
  }

  /** Marks the counter of an authenticated message as seen; false when it was seen before or is too old. */
  accept(counter: number): boolean {
    if (!this.admits(counter)) return false;
    if (counter >= this.next) this.advance(counter);
    const at = slot(counter);
    this.words[at] = (this.words[at] as number) | (1 << (counter % WORD));
    return true;
  }

  private advance(counter: number): void {
    const last = Math.floor((this.next - 1) / WORD);
    const words = Math.min(WORDS, Math.floor(counter / WORD) - last);
    for (let i = 1; i <= words; i++) this.words[(last + i + WORDS) % WORDS] = 0;
    this.next = counter + 1;
  }
}

const slot = (counter: number): number => Math.floor(counter / WORD) % WORDS;
