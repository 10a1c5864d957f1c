import type { Metrics } from '../observability/metrics/metrics.js';
import { PUBLISHER_LEASE, type PublisherPorts, startPublisher } from './start-publisher.js';

/**
 * Publishes the ledger while it is this replica's turn, and lets the metrics tell of it.
 * @param newest when the newest event that this replica knows was recorded
 * @returns what stops it
 */
export function publishLedger(ports: PublisherPorts, { cluster }: Metrics, newest: () => number): () => Promise<void> {
  const noting: PublisherPorts['noting'] = (work) => cluster.underLease(PUBLISHER_LEASE, work);
  const { publisher, close } = startPublisher({ ...ports, noting });
  cluster.watchPublisher(publisher, newest);
  return close;
}
