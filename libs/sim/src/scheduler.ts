/** Something with deadlines of its own, such as a sans-IO engine. */
export interface Machine {
  /** When `tick` has something to do; undefined: never, as it stands. */
  nextTimer(): number | undefined;
  tick(now: number): void;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Time that exists only in numbers: it stands still while anybody has something to do, and then jumps to what is next.
 * The same programs with the same dice do the same in every run. Code under test may use promises; timers and I/O of the
 * host never get a turn while time is let pass, for they know another clock.
 */
export class Scheduler {
  #now = 0;
  /** Earliest first; of those for one moment, the first that was asked for. */
  readonly #tasks: Task[] = [];
  readonly #machines = new Set<Machine>();

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  attach(machine: Machine): void {
    this.#machines.add(machine);
  }

  detach(machine: Machine): void {
    this.#machines.delete(machine);
  }

  /** Runs an action after so many milliseconds. */
  after(delay: number, run: () => void): void {
    const at = this.#now + Math.max(0, delay);
    let place = this.#tasks.length;
    while (place > 0 && (this.#tasks[place - 1] as Task).at > at) place--;
    this.#tasks.splice(place, 0, { at, run });
  }

  /** Resolves after so many milliseconds. */
  pause(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /** Lets time pass, with everything that happens in it. */
  async pass(duration: number): Promise<void> {
    const end = this.#now + duration;
    await quiescence();
    for (let next = this.#next(); next <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next);
      this.#step();
      await quiescence();
    }
    this.#now = end;
  }

  #step(): void {
    const due = this.#tasks[0];
    if (due && due.at <= this.#now) {
      this.#tasks.shift();
      due.run();
      return;
    }
    for (const machine of this.#machines) if ((machine.nextTimer() ?? Infinity) <= this.#now) machine.tick(this.#now);
  }

  #next(): number {
    let next = this.#tasks[0]?.at ?? Number.POSITIVE_INFINITY;
    for (const machine of this.#machines) next = Math.min(next, machine.nextTimer() ?? next);
    return next;
  }
}

/** Resolves when no promise has anything left to do, before the host's timers and I/O have a turn. */
const quiescence = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
