import type { Clock } from '#kernel';

/** A clock that goes on when a test says so. */
export class ManualClock implements Clock {
  constructor(private time = Date.UTC(2026, 10, 1)) {}

  now(): number {
    return this.time;
  }

  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}
