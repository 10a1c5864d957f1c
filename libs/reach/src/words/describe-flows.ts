import { AddressSet, type Label, type Selector } from '#policy';
import type { FlowComparison } from '../flows/compare-flows.js';
import type { CellsEnd, End } from '../flows/end.js';
import { BOTH, V4 } from '../flows/families.js';
import type { Flows } from '../flows/flows.js';
import type { Moment } from '../flows/moment.js';
import { wordsOfServices } from '../flows/services.js';
import { countPairs } from './count-pairs.js';
import type { FlowChange } from './flow-change.js';
import { nameAddresses } from './name-addresses.js';
import { joined, type Named } from './named.js';
import { NodeNamer } from './node-namer.js';

/** Tells flows in words, those of the most pairs first. Ends are named by what they were when the flows passed. */
export function describeFlows({ flows, moments }: FlowComparison): FlowChange[] {
  const describers = new Map<Moment, FlowDescriber>();
  const changes = flows.map((group) => {
    const moment = moments[group.change === 'lost' ? 0 : 1];
    const describer = describers.get(moment) ?? new FlowDescriber(moment);
    describers.set(moment, describer);
    return describer.describe(group);
  });
  return changes.sort((a, b) => b.pairs - a.pairs || (a.text < b.text ? -1 : 1));
}

class FlowDescriber {
  readonly #nodes: NodeNamer;

  constructor(private readonly moment: Moment) {
    this.#nodes = new NodeNamer(moment);
  }

  describe(flows: Flows): FlowChange {
    const { change, families, among, services } = flows;
    const rules = [...flows.rules].flatMap((id) => this.moment.rule(id) ?? []);
    const from = this.#name(flows.from, new Set(rules.flatMap(({ src }) => src.flatMap(labelsIn))));
    const to = this.#name(flows.to, new Set(rules.flatMap(({ dst }) => labelsIn(dst))));
    const isNodes = [...flows.from, ...flows.to].every(({ kind }) => kind === 'nodes');
    const words = wordsOfServices(services);
    const through = this.#originsOf(flows.rules);
    const family = isNodes && families !== BOTH && (families === V4 ? 'IPv4' : 'IPv6');
    const isOwn = among === 'own' && (to.names.join() === 'autogroup:member' || to.text === from.text);
    const whose = { all: '', own: ' of the same user', others: ' of other users' }[among];
    const target = isOwn ? 'autogroup:self' : `${to.text}${whose}`;
    const text = `${from.text} → ${target} ${words.join(', ')}${family ? ` over ${family}` : ''}`;
    return {
      change,
      from,
      to,
      services: words,
      ...(family && { family }),
      among,
      through,
      pairs: countPairs(flows, this.moment),
      text: through.length > 0 ? `${text} (through ${joined(through)})` : text,
    };
  }

  #name(ends: readonly End[], likely: ReadonlySet<Label>): Named {
    const nodes = ends.flatMap((end) => (end.kind === 'nodes' ? end.nodes : []));
    if (nodes.length > 0) return this.#nodes.name(nodes, likely);
    const cells = ends.filter((end) => end.kind === 'cells');
    const addresses = AddressSet.union(cells.flatMap((end) => end.cells.map((cell) => cell.addresses)));
    const named = nameAddresses(addresses, this.moment.state.policy.policy);
    const exits = exitsOf(cells);
    if (exits.length === 0) return named;
    const through = this.#nodes.name(exits, NONE);
    return { ...named, text: `${named.text} through ${through.text}`, examples: through.examples };
  }

  #originsOf(rules: ReadonlySet<string>): string[] {
    const origins = this.moment.state.policy.compiled?.origins;
    const named = [...rules].flatMap((id) => origins?.get(id) ?? []);
    return [...new Map(named.sort((a, b) => a.line - b.line).map(({ name }) => [name, name])).keys()];
  }
}

const NONE: ReadonlySet<Label> = new Set();

const exitsOf = (ends: readonly CellsEnd[]): string[] => [
  ...new Set(ends.flatMap(({ exit }) => (exit === undefined ? [] : [exit]))),
];

function labelsIn(selector: Selector): Label[] {
  if (selector.kind === 'label') return [selector.label];
  if (selector.kind === 'any' || selector.kind === 'everything') return ['*'];
  if (selector.kind === 'same-user') return ['autogroup:member'];
  return selector.kind === 'where' ? labelsIn(selector.of) : [];
}
