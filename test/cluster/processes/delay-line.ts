/** Does things some time later, in the order in which they came, also when the time that it takes changes. */
export class DelayLine {
  readonly #waiting: { readonly due: number; readonly act: () => void }[] = [];

  /** @param delay milliseconds from now; what came before is done first in any case */
  pass(delay: number, act: () => void): void {
    const now = performance.now();
    if (this.#waiting.length === 0 && delay <= 0) {
      act();
      return;
    }
    this.#waiting.push({ due: now + delay, act });
    if (this.#waiting.length === 1) setTimeout(() => this.#drain(), delay);
  }

  /** One timer at a time: two may come in another order than they were set. */
  #drain(): void {
    for (let next = this.#waiting[0]; next && next.due <= performance.now(); next = this.#waiting[0]) {
      next.act();
      this.#waiting.shift();
    }
    const next = this.#waiting[0];
    if (next) setTimeout(() => this.#drain(), next.due - performance.now());
  }
}
