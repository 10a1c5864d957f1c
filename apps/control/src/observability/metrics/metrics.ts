import { collectDefaultMetrics, Registry } from 'prom-client';
import { ClusterMetrics } from './cluster-metrics.js';
import { ConvergenceMetrics } from './convergence-metrics.js';
import { LedgerMetrics } from './ledger-metrics.js';
import { RequestMetrics } from './request-metrics.js';
import { SubscriptionLag } from './subscription-lag.js';

/**
 * The metrics of one control plane, for Prometheus. They are few and bounded: no label names a node, a person or a tailnet
 * (the API says that, to those who may know it), and what is counted for every frame is a plain number until it is read.
 */
export class Metrics {
  /** Of its own: a test starts several control planes in one process. */
  readonly registry = new Registry();
  readonly lag = new SubscriptionLag();
  readonly ledger = new LedgerMetrics(this.registry, this.lag);
  readonly convergence = new ConvergenceMetrics(this.registry);
  readonly requests = new RequestMetrics(this.registry);
  readonly cluster = new ClusterMetrics(this.registry);

  /** Also tells about the process: memory, processor, event loop, garbage collection. Once for each process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }
}
