import { isExitPrefix } from '#netmap';
import { routedCells } from './address-space.js';
import type { Cell } from './cells.js';
import { V4 } from './families.js';
import type { Member, Moment } from './moment.js';
import { NO_SIDES, SideFinder, type Sides } from './sides.js';

/** Nodes that bear the same labels at both moments: the finest that needs to be told apart. */
export interface NodesSpot {
  readonly kind: 'nodes';
  /** Ids. */
  readonly nodes: readonly string[];
  readonly sides: readonly [Sides, Sides];
  readonly told: readonly [Told, Told];
  /** What sets them apart from others whatever the rules say: routers are alone, and those that changed hands. */
  readonly apart: string;
  readonly hasMoved: boolean;
}

/** Addresses behind subnet routers, or behind one exit node. */
export interface CellSpot {
  readonly kind: 'cells';
  readonly cell: Cell;
  readonly exit?: string;
  readonly sides: readonly [Sides, Sides];
  /** Which routers serve them, the narrowest prefix first. */
  readonly cover: readonly [string, string];
}

/** Which routers a node is told of, by prefix. */
export type Told = ReadonlyMap<string, string>;

const TOLD_NOTHING: Told = new Map();

/** Finds everything that flows may come from and go to at one of two moments. */
export class SpotFinder {
  readonly #finders: readonly [SideFinder, SideFinder];
  /** Whether it depends on the viewer which router it is told of, or whether it is told of one. */
  readonly #elects: boolean;
  /** Whether it depends on the router which rules apply. */
  readonly #chooses: boolean;

  constructor(private readonly moments: readonly [Moment, Moment]) {
    this.#finders = [new SideFinder(moments[0]), new SideFinder(moments[1])];
    this.#chooses = moments.some(
      ({ state }) => state.policy.compiled?.rules.some(({ via }) => via.length > 0) === true,
    );
    this.#elects = this.#chooses || moments.some(({ prefixes }) => prefixes.some(isExitPrefix));
  }

  find(): { nodes: NodesSpot[]; cells: CellSpot[] } {
    const cells = routedCells(this.moments);
    return { nodes: this.#nodeSpots(), cells: [...this.#subnetSpots(cells), ...this.#exitSpots(cells)] };
  }

  #nodeSpots(): NodesSpot[] {
    const [before, after] = this.moments;
    const groups = new Map<string, { first: string; apart: string; nodes: string[] }>();
    for (const id of new Set([...before.members.keys(), ...after.members.keys()])) {
      const [a, b] = [before.members.get(id), after.members.get(id)];
      const apart = apartness(id, a, b);
      const key = `${a?.party.id}\n\n${b?.party.id}\n\n${apart}`;
      const known = groups.get(key);
      if (known) known.nodes.push(id);
      else groups.set(key, { first: id, apart, nodes: [id] });
    }
    return [...groups.values()].map(({ first, apart, nodes }) => {
      const members = pair((m) => this.moments[m].members.get(first));
      return {
        kind: 'nodes',
        nodes,
        sides: pair((m) => (members[m] ? this.#finders[m].ofMember(members[m]) : NO_SIDES)),
        told: pair((m) => (members[m] ? this.#toldOf(this.moments[m], members[m]) : TOLD_NOTHING)),
        apart,
        hasMoved: hasMoved(...members),
      };
    });
  }

  #toldOf(moment: Moment, member: Member): Told {
    if (!this.#elects && member.routes.length === 0) return TOLD_NOTHING;
    return new Map(
      moment.prefixes.map((prefix) => {
        if (!isExitPrefix(prefix)) return [prefix, moment.routerFor(member, prefix)?.node.id ?? ''];
        const exits = moment.waysTo(prefix).filter(({ router }) => moment.mayExit(member, router, prefix));
        return [
          prefix,
          exits
            .map(({ router }) => router.node.id)
            .sort()
            .join(),
        ];
      }),
    );
  }

  #subnetSpots(cells: readonly Cell[]): CellSpot[] {
    return cells.flatMap((cell): CellSpot[] => {
      const cover = pair((m) => this.#coverOf(this.moments[m], cell.chain));
      const sides = pair((m) => (cover[m] === '' ? NO_SIDES : this.#finders[m].ofCell(cell)));
      return cover.some((text) => text !== '') ? [{ kind: 'cells', cell, sides, cover }] : [];
    });
  }

  #exitSpots(cells: readonly Cell[]): CellSpot[] {
    const exits = new Set(this.moments.flatMap(exitNodesOf));
    return [...exits].flatMap((exit) =>
      cells.flatMap((cell): CellSpot[] => {
        const sides = pair((m) => this.#exitSides(m, exit, cell));
        if (sides.every(({ to }) => to.size === 0)) return [];
        const cover = pair((m) => {
          const moment = this.moments[m];
          return `${this.#coverOf(moment, cell.chain)}; ${this.#routerText(moment.members.get(exit))}`;
        });
        return [{ kind: 'cells', cell, exit, sides, cover }];
      }),
    );
  }

  #exitSides(m: 0 | 1, exit: string, cell: Cell): Sides {
    const member = this.moments[m].members.get(exit);
    if (!member?.routes.includes(cell.family === V4 ? '0.0.0.0/0' : '::/0')) return NO_SIDES;
    const isNarrow = member.routes.some((route) => !isExitPrefix(route) && cell.chain.includes(route));
    return this.#finders[m].ofExit(cell, isNarrow);
  }

  /** Which routers serve these prefixes in which order; empty when none does. */
  #coverOf(moment: Moment, chain: readonly string[]): string {
    const covers = chain.filter((prefix) => !isExitPrefix(prefix) && moment.waysTo(prefix).length > 0);
    return covers
      .map((prefix) => `${prefix} ${moment.waysTo(prefix).map(({ router }) => this.#routerText(router))}`)
      .join('; ');
  }

  #routerText(router: Member | undefined): string {
    return this.#chooses ? `${router?.node.id} ${router?.node.tags.join()}` : `${router?.node.id}`;
  }
}

const pair = <T>(make: (m: 0 | 1) => T): [T, T] => [make(0), make(1)];

const exitNodesOf = (moment: Moment): string[] =>
  moment.prefixes.filter(isExitPrefix).flatMap((prefix) => moment.waysTo(prefix).map(({ router }) => router.node.id));

const hasMoved = (a: Member | undefined, b: Member | undefined): boolean =>
  a !== undefined && b !== undefined && a.login !== b.login;

function apartness(id: string, a: Member | undefined, b: Member | undefined): string {
  if (a?.routes.length || b?.routes.length) return id;
  return hasMoved(a, b) ? `from ${a?.login} to ${b?.login}` : '';
}
