/** Calls back when the engine has something due, with at most one timer of the host running. */
export class EngineTimer {
  #due = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param onDue is called with nothing; it must lead to another `schedule` */
  constructor(
    readonly now: () => number,
    readonly onDue: () => void,
  ) {}

  /** The engine's next deadline on the clock of `now`; a timer that runs out too early is let be. */
  schedule(due: number | undefined): void {
    if (this.#stopped || due === undefined || (this.#timer && due >= this.#due)) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(due - this.now())));
  }

  /** For good: what still asks for a deadline while all else is closed gets none. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped = true;
  }

  #fire(): void {
    this.#timer = undefined;
    this.onDue();
  }
}
