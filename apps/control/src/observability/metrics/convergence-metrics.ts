import { Counter, Histogram, type Registry } from 'prom-client';
import { SECONDS } from './buckets.js';

/** From an append to the last acknowledgement. */
export class ConvergenceMetrics {
  readonly #time: Histogram;
  readonly #abandoned: Counter;

  constructor(registry: Registry) {
    this.#time = new Histogram({
      name: 'netfold_convergence_seconds',
      help: 'From when an event was recorded until the last agent that is connected here and concerned had acknowledged it',
      buckets: SECONDS,
      registers: [registry],
    });
    this.#abandoned = new Counter({
      name: 'netfold_convergence_abandoned_total',
      help: 'Events that an agent which was connected had not acknowledged after a minute',
      registers: [registry],
    });
  }

  finished(ms: number): void {
    this.#time.observe(ms / 1_000);
  }

  abandoned(): void {
    this.#abandoned.inc();
  }
}
