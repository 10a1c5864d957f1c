import { isExitPrefix } from '#netmap';
import { routedCells } from './address-space.js';
import type { Cell } from './cells.js';
import type { CellsEnd, End, NodesEnd } from './end.js';
import { V4 } from './families.js';
import type { Member, Moment } from './moment.js';
import { NO_SIDES, SideFinder, type Sides } from './sides.js';

/** All ends of flows at two moments, in the fewest classes that the rules and routes of both do not tell apart. */
export class Ends {
  readonly all: readonly End[];
  readonly #finders: readonly [SideFinder, SideFinder];
  readonly #ids = new Map<string, number>();
  readonly #bySides = new WeakMap<Sides, number>();
  readonly #byParty: readonly [Map<string, string>, Map<string, string>] = [new Map(), new Map()];
  /** Whether it depends on the viewer which router it is told of, or whether it is told of one. */
  readonly #elects: boolean;

  constructor(readonly moments: readonly [Moment, Moment]) {
    this.#finders = [new SideFinder(moments[0]), new SideFinder(moments[1])];
    this.#elects = moments.some(
      ({ prefixes, state }) =>
        prefixes.some(isExitPrefix) || state.policy.compiled?.rules.some(({ via }) => via.length > 0) === true,
    );
    const cells = routedCells(moments);
    this.all = [...this.#nodeEnds(), ...this.#subnetEnds(cells), ...this.#exitEnds(cells)];
  }

  #nodeEnds(): NodesEnd[] {
    const [before, after] = this.moments;
    const classes = new Map<string, { sides: [Sides, Sides]; changed: boolean; nodes: string[] }>();
    for (const id of new Set([...before.members.keys(), ...after.members.keys()])) {
      const members = [before.members.get(id), after.members.get(id)] as const;
      const [a, b] = [this.#standing(0, members[0]), this.#standing(1, members[1])];
      const isRouter = members.some((member) => member && member.routes.length > 0);
      const moved = members[0] && members[1] && members[0].login !== members[1].login;
      const owners = moved ? `${members[0]?.login} ${members[1]?.login}` : '';
      const key = `${a} ${b} ${isRouter ? id : ''} ${owners}`;
      const known = classes.get(key);
      if (known) known.nodes.push(id);
      else {
        const changed = a !== b || moved === true || (isRouter && !this.#isSameRouter(members));
        classes.set(key, { sides: [this.#sidesOf(0, members[0]), this.#sidesOf(1, members[1])], changed, nodes: [id] });
      }
    }
    return [...classes.values()].map((one) => ({ kind: 'nodes', ...one }));
  }

  /** Routers have a reach beyond their own addresses. */
  #isSameRouter([a, b]: readonly [Member | undefined, Member | undefined]): boolean {
    const [before, after] = this.moments;
    return a?.party.id === b?.party.id && before.state.policy.compiled === after.state.policy.compiled;
  }

  #subnetEnds(cells: readonly Cell[]): CellsEnd[] {
    return merged(
      cells.flatMap((cell) => {
        const covers = this.moments.map((moment) => coverOf(moment, cell.chain));
        if (covers.every((cover) => cover === '')) return [];
        const sides = pair((m) => (covers[m] === '' ? NO_SIDES : this.#finders[m].ofCell(cell)));
        const [a, b] = pair((m) => `${covers[m]} ${this.#idOf(sides[m])}`);
        return [{ cell, key: `${cell.family} ${a} ${b}`, sides, changed: a !== b }];
      }),
    );
  }

  #exitEnds(cells: readonly Cell[]): CellsEnd[] {
    const exits = new Set(this.moments.flatMap((moment) => exitNodesOf(moment)));
    return [...exits].flatMap((exit) =>
      merged(
        cells.flatMap((cell) => {
          const sides = pair((m) => this.#exitSides(m, exit, cell));
          if (sides.every(({ to }) => to.size === 0)) return [];
          const [a, b] = pair((m) => {
            const moment = this.moments[m];
            const way = moment.waysTo(exitPrefixOf(cell)).find(({ router }) => router.node.id === exit);
            return `${coverOf(moment, cell.chain)} ${way?.party.id} ${tagsOf(way?.router)} ${this.#idOf(sides[m])}`;
          });
          return [{ cell, key: `${cell.family} ${a} ${b}`, sides, changed: a !== b }];
        }),
        exit,
      ),
    );
  }

  #exitSides(m: 0 | 1, exit: string, cell: Cell): Sides {
    const member = this.moments[m].members.get(exit);
    if (!member?.routes.includes(exitPrefixOf(cell))) return NO_SIDES;
    return this.#finders[m].ofExit(
      cell,
      member.routes.some((route) => !isExitPrefix(route) && cell.chain.includes(route)),
    );
  }

  #sidesOf(m: 0 | 1, member: Member | undefined): Sides {
    return member ? this.#finders[m].ofMember(member) : NO_SIDES;
  }

  /** What a moment makes of a node: the same text for nodes that it does not tell apart. */
  #standing(m: 0 | 1, member: Member | undefined): string {
    if (!member) return this.#idOf(NO_SIDES).toString();
    const isOwnRouter = member.routes.length > 0;
    const known = isOwnRouter ? undefined : this.#byParty[m].get(member.party.id);
    if (known !== undefined) return known;
    const told = this.#elects ? this.#toldOf(this.moments[m], member) : '';
    const standing = `${this.#idOf(this.#sidesOf(m, member))}${told}`;
    if (!isOwnRouter) this.#byParty[m].set(member.party.id, standing);
    return standing;
  }

  #toldOf(moment: Moment, member: Member): string {
    const told = moment.prefixes.map((prefix) =>
      isExitPrefix(prefix)
        ? moment
            .waysTo(prefix)
            .map(({ router }) => `${prefix}${router.node.id}${moment.mayExit(member, router, prefix)}`)
        : `${prefix}${moment.routerFor(member, prefix)?.node.id}`,
    );
    return ` ${told.flat().sort().join()}`;
  }

  #idOf(sides: Sides): number {
    const known = this.#bySides.get(sides);
    if (known !== undefined) return known;
    const text = [sides.from, sides.to].map((side) => [...side].map((entry) => entry.join(':')).sort()).join(' to ');
    const id = this.#ids.get(text) ?? this.#ids.size;
    this.#ids.set(text, id);
    this.#bySides.set(sides, id);
    return id;
  }
}

const pair = <T>(make: (m: 0 | 1) => T): [T, T] => [make(0), make(1)];

const exitPrefixOf = ({ family }: Cell): string => (family === V4 ? '0.0.0.0/0' : '::/0');

const exitNodesOf = (moment: Moment): string[] =>
  moment.prefixes.filter(isExitPrefix).flatMap((prefix) => moment.waysTo(prefix).map(({ router }) => router.node.id));

const tagsOf = (member: Member | undefined): string => member?.node.tags.join() ?? '';

/** Which routers serve these prefixes in which order; empty when none does. */
function coverOf(moment: Moment, chain: readonly string[]): string {
  const covers = chain.filter((prefix) => !isExitPrefix(prefix) && moment.waysTo(prefix).length > 0);
  return covers
    .map((prefix) => {
      const ways = moment.waysTo(prefix).map(({ router, party }) => `${router.node.id} ${tagsOf(router)} ${party.id}`);
      return `${prefix} ${ways.join()}`;
    })
    .join('; ');
}

interface KeyedCell {
  readonly cell: Cell;
  readonly key: string;
  readonly sides: [Sides, Sides];
  readonly changed: boolean;
}

function merged(keyed: readonly KeyedCell[], exit?: string): CellsEnd[] {
  const classes = new Map<string, { cells: Cell[]; sides: [Sides, Sides]; changed: boolean }>();
  for (const { cell, key, sides, changed } of keyed) {
    const known = classes.get(key);
    if (known) known.cells.push(cell);
    else classes.set(key, { cells: [cell], sides, changed });
  }
  return [...classes.values()].map((one) => ({ kind: 'cells', ...one, ...(exit !== undefined && { exit }) }));
}
