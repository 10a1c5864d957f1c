import type { Bus } from '#messaging';
import type { Tailnets } from '../tailnet/tailnets.js';
import { BusNeighbours } from './bus-neighbours.js';
import { listenToNeighbours } from './listen-to-neighbours.js';
import { Replicas } from './replicas.js';

/** What this replica is to others. */
export interface ClusterOptions {
  /** An id that no other process has or had. */
  readonly self: string;
  /** Where agents connect to this replica, once that is known and others could be told. */
  agentsUrl(): string | undefined;
  /** Up to which release level it reads events. */
  readonly reads: number;
  /** How often it says that it is there, in milliseconds. */
  readonly beatMs?: number | undefined;
}

/** This replica among those that serve the same tailnets. One that is alone is the same with a bus that nobody else is at. */
export class Cluster {
  readonly neighbours: BusNeighbours;
  readonly replicas: Replicas;
  readonly #stops: (() => Promise<void>)[] = [];
  #tailnets: Tailnets | undefined;

  constructor(
    private readonly bus: Bus,
    options: ClusterOptions,
  ) {
    this.neighbours = new BusNeighbours(bus, options.self);
    this.replicas = new Replicas(bus, {
      ...options,
      changed: (replica, alive) => {
        for (const { hub } of this.#tailnets?.all() ?? []) hub.replica(replica, alive);
      },
    });
  }

  /** What there is to be heard comes soon; a bus that is away keeps nobody waiting. */
  listen(tailnets: Tailnets): void {
    this.#tailnets = tailnets;
    for (const subscription of listenToNeighbours(this.bus, this.replicas, tailnets)) {
      this.#stops.push(() => subscription.close());
    }
    this.#stops.push(() => this.replicas.close());
  }

  /** Agents and people are to go elsewhere from now on. */
  leave(): void {
    this.replicas.drain();
    for (const { hub } of this.#tailnets?.all() ?? []) hub.leave();
  }

  /** Says its last word. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
