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

/** How far a publisher is behind the ledger, and what it has done since this replica started; see `EventPublisher`. */
export interface WatchedPublisher {
  /** Whether this replica is the one that publishes. */
  readonly active: boolean;
  /** Events that it has read and not published yet: a part of those that wait in the ledger. */
  readonly behindEvents: number;
  /** For how long the oldest of them has been recorded. */
  readonly behindSeconds: number;
  /** Whether something keeps it from going on. */
  readonly blocked: boolean;
  readonly published: number;
  /** Of these, those without their content. */
  readonly omitted: number;
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
    const count = (name: string, help: string, read: () => number) =>
      readCounter(this.registry, name, help, [], () => [[{}, read()]]);
    gauge('netfold_publisher_behind_events', 'Events that were read and not published yet', (s) => s.behindEvents);
    gauge('netfold_publisher_behind_seconds', 'How long the oldest of them is recorded', (s) => s.behindSeconds);
    gauge('netfold_publisher_blocked', '1 while something keeps it from publishing', (s) => +s.blocked);
    count('netfold_publisher_events_total', 'Events that this replica has published', () => state().published);
    count('netfold_publisher_omitted_total', 'Of these, those without content: too large', () => state().omitted);
  }
}
