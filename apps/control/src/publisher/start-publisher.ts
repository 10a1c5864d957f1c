import type { Leases, LeaseWork } from '#coordination';
import { EventPublisher, type EventPublisherPorts } from './event-publisher.js';

export const PUBLISHER_LEASE = 'publisher';

export interface PublisherPorts extends EventPublisherPorts {
  readonly leases: Leases;
  /** Put around the work, to note when it is done. */
  readonly noting?: (work: LeaseWork) => LeaseWork;
}

/** A publisher of which one among all replicas is at work. */
export interface RunningPublisher {
  /** What this replica's has done so far, and what keeps it from going on. */
  readonly publisher: EventPublisher;
  /** Stops and lets another replica go on. */
  close(): Promise<void>;
}

/** Publishes the ledger whenever this replica holds the lease on that. */
export function startPublisher({ leases, noting = (work) => work, ...ports }: PublisherPorts): RunningPublisher {
  const publisher = new EventPublisher(ports);
  const holding = leases.hold(
    PUBLISHER_LEASE,
    noting((signal) => publisher.run(signal)),
  );
  return { publisher, close: () => holding.close() };
}
