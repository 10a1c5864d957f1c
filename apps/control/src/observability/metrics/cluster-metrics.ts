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

/** What a publisher has done since this replica started; see `EventPublisher`. */
export interface WatchedPublisher {
  readonly published: number;
  /** Of these, those without their content. */
  readonly omitted: number;
  /** What keeps it from going on. */
  readonly problem: unknown;
  /** When the newest event that it has published was recorded; undefined: it has published none. */
  readonly publishedUntil: number | undefined;
}

/** What became of the flows that agents have reported; see `FlowLog`. */
export interface WatchedFlows {
  readonly published: number;
  readonly dropped: number;
  readonly tooOften: number;
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

  /** Watches a lease by what is done while it is held. */
  underLease<A extends readonly unknown[]>(
    name: string,
    work: (...args: A) => Promise<void>,
  ): (...args: A) => Promise<void> {
    let held = false;
    this.watchLease(name, () => held);
    return async (...args) => {
      held = true;
      await work(...args).finally(() => {
        held = false;
      });
    };
  }

  /** Whether this replica holds a lease that is watched. */
  holds(name: string): boolean {
    return this.#leases.get(name)?.() ?? false;
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

  watchFlows(counts: WatchedFlows): void {
    readCounter(
      this.registry,
      'netfold_flow_records_total',
      'Flows that agents have reported: published, dropped because the bus was away for too long, or reported too often',
      ['outcome'],
      () => [
        [{ outcome: 'published' }, counts.published],
        [{ outcome: 'dropped' }, counts.dropped],
        [{ outcome: 'too_often' }, counts.tooOften],
      ],
    );
  }

  /** @param newest when the newest event that this replica knows was recorded */
  watchPublisher(publisher: WatchedPublisher, newest: () => number): void {
    const { registry } = this;
    const count = (name: string, help: string, read: () => number) =>
      readCounter(registry, name, help, [], () => [[{}, read()]]);
    count('netfold_publisher_events_total', 'Events that this replica has published', () => publisher.published);
    count('netfold_publisher_omitted_total', 'Of these, those without content: too large', () => publisher.omitted);
    readGauge(
      registry,
      'netfold_publisher_blocked',
      '1 while something keeps it from publishing',
      () => +(publisher.problem !== undefined),
    );
    readGauge(
      registry,
      'netfold_publisher_behind_seconds',
      'By how much the newest event is newer than the newest that was published; said by the replica that publishes',
      () => {
        const { publishedUntil } = publisher;
        if (publishedUntil === undefined || !this.holds('publisher')) return undefined;
        return Math.max(0, newest() - publishedUntil) / 1_000;
      },
    );
  }
}
