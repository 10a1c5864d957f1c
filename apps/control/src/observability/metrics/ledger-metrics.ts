import { Counter, Histogram, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label.js';
import { COUNTS, SECONDS, SHORT_SECONDS } from './buckets.js';
import { readGauge } from './read-gauge.js';
import type { SubscriptionLag } from './subscription-lag.js';

/** What became of an append: `contended` is tried again on what another replica wrote, `refused` perhaps in smaller parts. */
export type AppendOutcome = 'stored' | 'contended' | 'refused' | 'failed';

/** Writing the ledger, and following it. */
export class LedgerMetrics {
  readonly #append: Histogram<'outcome'>;
  readonly #batch: Histogram;
  readonly #failures: Counter<'operation' | 'code'>;
  readonly #dispatch: Histogram;
  readonly #lag: Histogram;
  readonly #codes = new BoundedLabel(64);
  #up = true;

  constructor(registry: Registry, lag: SubscriptionLag) {
    const registers = [registry];
    this.#append = new Histogram({
      name: 'netfold_append_seconds',
      help: 'Time that the store took for an append; contended: another replica was faster, and it is decided again',
      labelNames: ['outcome'],
      buckets: SECONDS,
      registers,
    });
    this.#batch = new Histogram({
      name: 'netfold_append_events',
      help: 'Events that were stored in one append (group commit)',
      buckets: COUNTS,
      registers,
    });
    this.#failures = new Counter({
      name: 'netfold_store_failures_total',
      help: 'Operations of the store that failed, by problem code',
      labelNames: ['operation', 'code'],
      registers,
    });
    this.#dispatch = new Histogram({
      name: 'netfold_dispatch_seconds',
      help: 'Time to fold one event, bring the projections up to date and mark the streams that it concerns',
      buckets: SHORT_SECONDS,
      registers,
    });
    this.#lag = new Histogram({
      name: 'netfold_event_lag_seconds',
      help: 'From when an event was recorded, by the clock of its writer, until this replica had applied it',
      buckets: SECONDS,
      registers,
    });
    readGauge(registry, 'netfold_store_up', '1 unless the last append or look at the head failed', () => +this.#up);
    readGauge(
      registry,
      'netfold_subscription_behind_events',
      'Events that this replica knows to be stored and has not applied',
      () => lag.events,
    );
    readGauge(
      registry,
      'netfold_subscription_behind_seconds',
      'For how long the oldest of those has been known to be stored',
      () => lag.seconds,
    );
  }

  appended(outcome: AppendOutcome, seconds: number, events: number): void {
    this.#append.observe({ outcome }, seconds);
    if (outcome === 'stored') this.#batch.observe(events);
    if (outcome !== 'failed') this.#up = true;
  }

  answered(): void {
    this.#up = true;
  }

  failed(operation: 'append' | 'head', code: string): void {
    this.#up = false;
    this.#failures.inc({ operation, code: this.#codes.of(code) });
  }

  /** @param lag from recording to now, in seconds; a clock that is ahead of this one makes it 0 */
  dispatched(seconds: number, lag: number): void {
    this.#dispatch.observe(seconds);
    this.#lag.observe(Math.max(0, lag));
  }
}
