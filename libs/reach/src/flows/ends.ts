import type { CellsEnd, End, NodesEnd } from './end.js';
import type { Moment } from './moment.js';
import { relevantRules } from './relevant-rules.js';
import type { Sides } from './sides.js';
import { type CellSpot, type NodesSpot, SpotFinder, type Told } from './spots.js';

/**
 * All ends of flows that may differ between two moments, in few classes: those that the rules and routes in question do
 * not tell apart.
 */
export function endsOf(moments: readonly [Moment, Moment]): End[] {
  const { nodes, cells } = new SpotFinder(moments).find();
  const relevant = new RelevantSides(relevantRules(moments, nodes, cells));
  const prefixes = new Set<string>();
  for (const { cell, sides } of cells) {
    if (relevant.isAny(sides)) for (const prefix of cell.chain) prefixes.add(prefix);
  }
  return [...nodesEnds(nodes, relevant, prefixes), ...cellsEnds(cells, relevant)];
}

function nodesEnds(spots: readonly NodesSpot[], relevant: RelevantSides, prefixes: ReadonlySet<string>): NodesEnd[] {
  const classes = new Map<string, NodesEnd & { readonly nodes: string[] }>();
  for (const { nodes, sides, told, apart, hasMoved } of spots) {
    if (!relevant.isAny(sides)) continue;
    const own = relevant.of(sides);
    const [a, b] = both((m) => `${relevant.idOf(own[m])} ${toldOf(told[m], prefixes)}`);
    const known = classes.get(`${a}|${b}|${apart}`);
    if (known) for (const id of nodes) known.nodes.push(id);
    else {
      const changed = a !== b || hasMoved;
      classes.set(`${a}|${b}|${apart}`, { kind: 'nodes', nodes: [...nodes], sides: own, changed });
    }
  }
  return [...classes.values()];
}

function cellsEnds(spots: readonly CellSpot[], relevant: RelevantSides): CellsEnd[] {
  const classes = new Map<string, CellsEnd & { readonly cells: CellSpot['cell'][] }>();
  for (const { cell, exit, sides, cover } of spots) {
    if (!relevant.isAny(sides)) continue;
    const own = relevant.of(sides);
    const [a, b] = both((m) => `${cover[m]} ${relevant.idOf(own[m])}`);
    const key = `${a}|${b}|${cell.family}|${exit}`;
    const known = classes.get(key);
    if (known) known.cells.push(cell);
    else
      classes.set(key, {
        kind: 'cells',
        cells: [cell],
        ...(exit !== undefined && { exit }),
        sides: own,
        changed: a !== b,
      });
  }
  return [...classes.values()];
}

/** Which routers it is told of for prefixes that are in question; for others it does not matter. */
const toldOf = (told: Told, prefixes: ReadonlySet<string>): string =>
  [...told]
    .filter(([prefix, router]) => router !== '' && prefixes.has(prefix))
    .map((entry) => entry.join())
    .sort()
    .join();

const both = <T>(make: (m: 0 | 1) => T): [T, T] => [make(0), make(1)];

/** Sides without the rules that do not matter. */
class RelevantSides {
  readonly #parts = new Map<Sides, Sides>();
  readonly #ids = new Map<string, number>();
  readonly #bySides = new Map<Sides, number>();

  constructor(private readonly rules: ReadonlySet<string>) {}

  of([before, after]: readonly [Sides, Sides]): [Sides, Sides] {
    return [this.#partOf(before), this.#partOf(after)];
  }

  isAny(sides: readonly [Sides, Sides]): boolean {
    return this.of(sides).some(({ from, to }) => from.size + to.size > 0);
  }

  /** The same number for the same rules. */
  idOf(sides: Sides): number {
    const known = this.#bySides.get(sides);
    if (known !== undefined) return known;
    const text = [sides.from, sides.to].map((side) => [...side].map((entry) => entry.join(':')).sort()).join(' to ');
    const id = this.#ids.get(text) ?? this.#ids.size;
    this.#ids.set(text, id);
    this.#bySides.set(sides, id);
    return id;
  }

  #partOf(sides: Sides): Sides {
    const known = this.#parts.get(sides);
    if (known) return known;
    const kept = (side: Sides['from']) => new Map([...side].filter(([id]) => this.rules.has(id)));
    const part = { from: kept(sides.from), to: kept(sides.to) };
    this.#parts.set(sides, part);
    return part;
  }
}
