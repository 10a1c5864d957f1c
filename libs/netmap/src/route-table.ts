import { Map as PersistentMap } from 'immutable';
import type { Label } from '#policy';
import { Cohorts, cohortIdOf } from './cohorts.js';
import type { RouteItem } from './item.js';
import { electRoutes, prefixOfRoute } from './route-election.js';

/** A prefix that a node serves: advertised and approved, by a node that takes part. */
export interface Offer {
  readonly prefix: string;
  /** The revision since which the route is in force. */
  readonly since: number;
}

/** An elected route, and its place among the cohorts of routes. */
export interface RouteRecord {
  readonly item: RouteItem;
  readonly cohort: string;
}

/** What came of an election: the table after it, the routes that are not as they were, and the routers behind them. */
export interface Election {
  readonly table: RouteTable;
  readonly changed: readonly string[];
  readonly routers: readonly string[];
}

/** Who offers which prefix, and who was elected to serve it. A persistent value. */
export class RouteTable {
  static readonly EMPTY = new RouteTable(PersistentMap(), PersistentMap(), Cohorts.EMPTY);

  private constructor(
    /** Prefix → node → since. */
    private readonly offers: PersistentMap<string, PersistentMap<string, number>>,
    private readonly elected: PersistentMap<string, readonly RouteRecord[]>,
    readonly cohorts: Cohorts,
  ) {}

  /** The route of this id. */
  get(id: string): RouteRecord | undefined {
    return this.elected.get(prefixOfRoute(id))?.find((record) => record.item.id === id);
  }

  prefixes(): Iterable<string> {
    return this.offers.keys();
  }

  /** Whether the packets for the prefix go to this node. */
  isServedBy(prefix: string, node: string): boolean {
    return this.elected.get(prefix)?.some((record) => record.item.via === node) ?? false;
  }

  withOffer(node: string, { prefix, since }: Offer): RouteTable {
    const offers = this.offers.update(prefix, PersistentMap<string, number>(), (nodes) => nodes.set(node, since));
    return new RouteTable(offers, this.elected, this.cohorts);
  }

  withoutOffer(node: string, { prefix }: Offer): RouteTable {
    const nodes = this.offers.get(prefix)?.remove(node);
    const offers = nodes?.isEmpty() === false ? this.offers.set(prefix, nodes) : this.offers.remove(prefix);
    return new RouteTable(offers, this.elected, this.cohorts);
  }

  /** Elects who serves the prefix, and finds its labels anew. */
  elect(prefix: string, labelsOf: (item: RouteItem) => readonly Label[]): Election {
    const before = this.elected.get(prefix) ?? [];
    let cohorts = this.cohorts;
    const after = electRoutes(prefix, this.offers.get(prefix) ?? []).map((fresh) => {
      const old = before.find(({ item }) => item.id === fresh.id);
      const labels = labelsOf(fresh);
      const cohort = cohortIdOf(labels);
      if (old?.cohort === cohort && old.item.via === fresh.via) return old;
      if (old) cohorts = cohorts.without(fresh.id, old.cohort);
      cohorts = cohorts.with(fresh.id, labels);
      return { item: old?.item.via === fresh.via ? old.item : fresh, cohort };
    });
    const gone = before.filter(({ item }) => !after.some((record) => record.item.id === item.id));
    for (const { item, cohort } of gone) cohorts = cohorts.without(item.id, cohort);
    const fresh = after.filter((record) => !before.includes(record));
    const changed = [...gone, ...fresh];
    const elected = after.length > 0 ? this.elected.set(prefix, after) : this.elected.remove(prefix);
    const routers = [...before.filter((record) => !after.includes(record)), ...fresh].map(({ item }) => item.via);
    return {
      table: new RouteTable(this.offers, elected, cohorts),
      changed: changed.map(({ item }) => item.id),
      routers,
    };
  }
}
