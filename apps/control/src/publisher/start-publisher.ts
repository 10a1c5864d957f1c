import type { Leases } from '#coordination';
import { EventPublisher, type EventPublisherPorts } from './event-publisher.js';

export interface PublisherPorts extends EventPublisherPorts {
  readonly leases: Leases;
}

/** A publisher of which one among all replicas is at work. */
export interface RunningPublisher {
  /** What this replica's has done so far, and what keeps it from going on. */
  readonly publisher: EventPublisher;
  /** Stops and lets another replica go on. */
  close(): Promise<void>;
}

/** Publishes the ledger whenever this replica holds the lease on that. */
export function startPublisher({ leases, ...ports }: PublisherPorts): RunningPublisher {
  const publisher = new EventPublisher(ports);
  const holding = leases.hold('publisher', (signal) => publisher.run(signal));
  return { publisher, close: () => holding.close() };
}
