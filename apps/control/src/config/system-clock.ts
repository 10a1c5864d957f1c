import type { Clock } from '#kernel';

/** The clock of this control plane, under a name that it can be injected by. */
export class SystemClock implements Clock {
  constructor(private readonly clock: Clock = { now: () => Date.now() }) {}

  now(): number {
    return this.clock.now();
  }
}
