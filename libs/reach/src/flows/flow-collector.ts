import type { End } from './end.js';
import type { Flows } from './flows.js';
import { keyOfServices } from './services.js';

/** What one pair of ends lost or gained. */
export interface PairFlows extends Omit<Flows, 'from' | 'to'> {
  readonly from: End;
  readonly to: End;
}

/** Pairs of ends that lost or gained the same. */
interface Alike {
  readonly sample: PairFlows;
  readonly pairs: PairFlows[];
}

/** Puts together what differs in the ends only, so that many pairs are told as a few sets of ends. */
export class FlowCollector {
  readonly #alike = new Map<string, Alike>();

  add(flows: PairFlows): void {
    const { change, services, families, among, from, to } = flows;
    const key = [change, keyOfServices(services), families, among, kindOf(from), kindOf(to)].join('|');
    const known = this.#alike.get(key);
    if (known) known.pairs.push(flows);
    else this.#alike.set(key, { sample: flows, pairs: [flows] });
  }

  flows(): Flows[] {
    return [...this.#alike.values()].flatMap(({ sample, pairs }) => {
      const byTo = grouped(pairs, 'to', 'from');
      const byFrom = grouped(pairs, 'from', 'to');
      const groups = byFrom.length < byTo.length ? byFrom : byTo;
      const { change, services, families, among } = sample;
      return groups.map((group) => ({ change, services, families, among, ...group }));
    });
  }
}

const kindOf = (end: End): string =>
  end.kind === 'nodes' ? 'nodes' : `cells${end.exit === undefined ? '' : ' of exits'}`;

type Group = Pick<Flows, 'from' | 'to' | 'rules'>;

/** Ends of one side that have the same ends on the other side are one group: no pair is in two of them. */
function grouped(pairs: readonly PairFlows[], one: 'from' | 'to', other: 'from' | 'to'): Group[] {
  const numbers = new Map<End, number>();
  const numberOf = (end: End) => {
    const known = numbers.get(end) ?? numbers.size;
    numbers.set(end, known);
    return known;
  };
  const others = new Map<End, { ends: Set<End>; rules: Set<string> }>();
  for (const pair of pairs) {
    const known = others.get(pair[one]) ?? { ends: new Set(), rules: new Set() };
    known.ends.add(pair[other]);
    for (const rule of pair.rules) known.rules.add(rule);
    others.set(pair[one], known);
  }
  const groups = new Map<string, { ones: End[]; ends: Set<End>; rules: Set<string> }>();
  for (const [end, { ends, rules }] of others) {
    const key = [...ends]
      .map(numberOf)
      .sort((a, b) => a - b)
      .join();
    const known = groups.get(key) ?? { ones: [], ends, rules: new Set() };
    known.ones.push(end);
    for (const rule of rules) known.rules.add(rule);
    groups.set(key, known);
  }
  return [...groups.values()].map(({ ones, ends, rules }) =>
    one === 'to' ? { from: [...ends], to: ones, rules } : { from: ones, to: [...ends], rules },
  );
}
