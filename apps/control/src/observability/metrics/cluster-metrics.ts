import { Gauge, type Registry } from 'prom-client';
import { readCounter } from './read-counter.js';
import { readGauge } from './read-gauge.js';

/** How the bus between replicas is; see `BusHealth` of libs/messaging. */
export interface WatchedBus {
  readonly connected: boolean;
  readonly waiting: number;
  readonly dropped: number;
  readonly unhandled: number;
}

/** How far what a publisher has published is behind the ledger. */
export interface WatchedPublisher {
  /** Whether this replica is the one that publishes. */
  readonly active: boolean;
  /** Events that are stored and not published, as far as the publisher knows. */
  readonly behindEvents: number;
  /** For how long the oldest of them has been stored. */
  readonly behindSeconds: number;
}

/** What replicas share: leases, the bus, the publisher. Each is read when somebody scrapes. */
export class ClusterMetrics {
  readonly #leases = new Map<string, () => boolean>();

  constructor(private readonly registry: Registry) {
    const leases = this.#leases;
    new Gauge({
      name: 'netfold_lease_held',
      help: '1 on the replica that holds the lease for what must run once',
      labelNames: ['lease'],
      registers: [registry],
      collect() {
        for (const [lease, held] of leases) this.set({ lease }, +held());
      },
    });
  }

  /** @param name of a few that are fixed: `housekeeping`, `publisher` */
  watchLease(name: string, held: () => boolean): void {
    this.#leases.set(name, held);
  }

  watchBus(health: () => WatchedBus): void {
    const gauge = (name: string, help: string, read: () => number) => readGauge(this.registry, name, help, read);
    gauge('netfold_bus_connected', '1 while what is published has somewhere to go', () => +health().connected);
    gauge('netfold_bus_waiting_messages', 'Messages that wait to be sent', () => health().waiting);
    gauge('netfold_bus_unhandled_messages', 'Messages that came and wait for a handler', () => health().unhandled);
    readCounter(
      this.registry,
      'netfold_bus_dropped_messages_total',
      'Messages that were refused or given up because the bus was away or full',
      [],
      () => [[{}, health().dropped]],
    );
  }

  /** A replica that does not publish says nothing about how far publishing has come. */
  watchPublisher(state: () => WatchedPublisher): void {
    const gauge = (name: string, help: string, read: (state: WatchedPublisher) => number) =>
      readGauge(this.registry, name, help, () => (state().active ? read(state()) : undefined));
    readGauge(this.registry, 'netfold_publisher_active', '1 on the replica that publishes', () => +state().active);
    gauge('netfold_publisher_behind_events', 'Events that are stored and not published', (s) => s.behindEvents);
    gauge('netfold_publisher_behind_seconds', 'How long the oldest of them waits', (s) => s.behindSeconds);
  }
}
