import { NetfoldError } from '#kernel';

const CAPACITY = 2_000;
const CAPACITY_PER_ADDRESS = 50;

/** How many this process has let in that are still waiting: anybody may ask, so there is an end to it. */
export class Admissions {
  /** By code, oldest first. */
  readonly #waiting = new Map<string, { readonly from: string; readonly expiresAt: number }>();

  constructor(private readonly now: () => number) {}

  /** @throws NetfoldError `login.too_many` */
  admit(code: string, from: string, expiresAt: number): void {
    this.#sweep();
    const same = [...this.#waiting.values()].filter((entry) => entry.from === from).length;
    if (same >= CAPACITY_PER_ADDRESS || this.#waiting.size >= CAPACITY) throw tooMany();
    this.#waiting.set(code, { from, expiresAt });
  }

  done(code: string): void {
    this.#waiting.delete(code);
  }

  #sweep(): void {
    for (const [code, { expiresAt }] of this.#waiting) {
      if (expiresAt > this.now()) return; // the rest came later
      this.#waiting.delete(code);
    }
  }
}

const tooMany = (): NetfoldError =>
  new NetfoldError({
    code: 'login.too_many',
    message: 'too many are waiting for somebody to let them in',
    hint: 'try again in some minutes',
  });
