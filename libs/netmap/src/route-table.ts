import { Map as PersistentMap } from 'immutable';
import type { Label } from '#policy';
import { Cohorts } from './cohorts.js';
import type { RouteItem } from './item.js';
import { bearsAny, type Party, partyOf } from './labels.js';
import { rankRouters, routeIdOf } from './route-election.js';

/** A prefix that a node serves: advertised and approved, by a node that takes part. */
export interface Offer {
  readonly prefix: string;
  /** The revision since which it has been so. */
  readonly since: number;
}

/** A route by its id, with all routers that serve it. */
export interface RouteRecord {
  readonly id: string;
  /** Never empty; the primary comes first. */
  readonly ways: readonly Way[];
  /** The labels of all ways together. */
  readonly party: Party;
  /** What those are told who may take these ways, by the ids of their routers: the same object for all of them. */
  readonly items: Map<string, RouteItem>;
}

/** One router's way to a prefix. */
export interface Way {
  readonly via: string;
  readonly prefix: string;
  readonly party: Party;
}

/** Labels a prefix as served by a node. */
export type RouteLabeller = (prefix: string, node: string) => ReadonlySet<Label>;

/** Who serves which prefix. A persistent value. */
export class RouteTable {
  static readonly EMPTY = new RouteTable(PersistentMap(), PersistentMap(), Cohorts.EMPTY);

  private constructor(
    /** Route id → node → offer. */
    private readonly offers: PersistentMap<string, PersistentMap<string, Offer>>,
    private readonly records: PersistentMap<string, RouteRecord>,
    readonly cohorts: Cohorts,
  ) {}

  get(id: string): RouteRecord | undefined {
    return this.records.get(id);
  }

  ids(): Iterable<string> {
    return this.records.keys();
  }

  /** Whether the packets for the prefix go to this node, as far as the policy does not ask for another router. */
  isPrimary(prefix: string, node: string): boolean {
    return this.records.get(routeIdOf(prefix, node))?.ways[0]?.via === node;
  }

  /** Takes note of an offer; `rank` puts it into effect. */
  withOffer(node: string, offer: Offer): RouteTable {
    const id = routeIdOf(offer.prefix, node);
    const offers = this.offers.update(id, PersistentMap<string, Offer>(), (nodes) => nodes.set(node, offer));
    return new RouteTable(offers, this.records, this.cohorts);
  }

  withoutOffer(node: string, { prefix }: Offer): RouteTable {
    const id = routeIdOf(prefix, node);
    const nodes = this.offers.get(id)?.remove(node);
    const offers = nodes?.isEmpty() === false ? this.offers.set(id, nodes) : this.offers.remove(id);
    return new RouteTable(offers, this.records, this.cohorts);
  }

  /** Ranks and labels the routers of a route anew; the same table when nothing differs. */
  rank(id: string, labelsOf: RouteLabeller): RouteTable {
    const before = this.records.get(id);
    const after = this.#recordOf(id, labelsOf, before);
    if (after === before) return this;
    let cohorts = this.cohorts;
    if (before && before.party.id !== after?.party.id) cohorts = cohorts.without(id, before.party);
    if (after && before?.party.id !== after.party.id) cohorts = cohorts.with(id, after.party);
    const records = after ? this.records.set(id, after) : this.records.remove(id);
    return new RouteTable(this.offers, records, cohorts);
  }

  #recordOf(id: string, labelsOf: RouteLabeller, before: RouteRecord | undefined): RouteRecord | undefined {
    const offers = this.offers.get(id);
    if (!offers) return undefined;
    const ways = rankRouters(offers.map(({ since }) => since)).map(([via]): Way => {
      const prefix = offers.get(via)?.prefix ?? id;
      const party = partyOf(labelsOf(prefix, via));
      const old = before?.ways.find((way) => way.via === via);
      return old?.party.id === party.id ? old : { via, prefix, party };
    });
    if (before?.ways.length === ways.length && ways.every((way, rank) => way === before.ways[rank])) return before;
    const party = this.cohorts.known(partyOf(new Set(ways.flatMap((way) => way.party.labels))));
    return { id, ways, party, items: stillTrue(before?.items, ways) };
  }
}

/** The items that the ways of now may still be told by. */
function stillTrue(items: ReadonlyMap<string, RouteItem> | undefined, ways: readonly Way[]): Map<string, RouteItem> {
  const routers = new Set(ways.map(({ via }) => via));
  return new Map([...(items ?? [])].filter(([, { via, standby }]) => [via, ...standby].every((id) => routers.has(id))));
}

/** What a viewer is told who may take these ways of a route, the first one first; undefined when there are none. */
export function itemOf({ id, items }: RouteRecord, [first, ...rest]: readonly Way[]): RouteItem | undefined {
  if (!first) return undefined;
  const standby = rest.map(({ via }) => via);
  const key = [first.via, ...standby].join(' ');
  const item = items.get(key) ?? { kind: 'route', id, prefix: first.prefix, via: first.via, standby };
  items.set(key, item);
  return item;
}

/** The ways of a route that bear one of these labels, the primary first. */
export const waysBearing = (record: RouteRecord | undefined, labels: ReadonlySet<Label>): readonly Way[] =>
  record?.ways.filter(({ party }) => bearsAny(party, labels)) ?? [];
