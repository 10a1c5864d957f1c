import { isExitPrefix } from '#netmap';
import { AddressSet, type Label, type Selector } from '#policy';
import { ownPrefixes } from '../flows/address-space.js';
import type { FlowComparison } from '../flows/compare-flows.js';
import type { CellsEnd, End } from '../flows/end.js';
import { BOTH, V4 } from '../flows/families.js';
import type { Flows } from '../flows/flows.js';
import type { Moment } from '../flows/moment.js';
import { wordsOfServices } from '../flows/services.js';
import { atOnce, inStrides, type Steps } from '../steps.js';
import { countPairs } from './count-pairs.js';
import type { FlowChange } from './flow-change.js';
import { keepEnds } from './flow-ends.js';
import { nameAddresses } from './name-addresses.js';
import { joined, type Named } from './named.js';
import { NodeNamer } from './node-namer.js';

/** Tells flows in words, those of the most pairs first. Ends are named by what they were when the flows passed. */
export function* describingFlows({ flows, moments }: FlowComparison): Steps<FlowChange[]> {
  const describers = new Map<Moment, FlowDescriber>();
  const changes: FlowChange[] = [];
  yield* inStrides(flows, 1, (group) => {
    const moment = moments[group.change === 'lost' ? 0 : 1];
    const describer = describers.get(moment) ?? new FlowDescriber(moment);
    describers.set(moment, describer);
    changes.push(keepEnds(describer.describe(group), group));
  });
  return changes.sort((a, b) => b.pairs - a.pairs || (a.text < b.text ? -1 : 1));
}

/** See `describingFlows`. */
export const describeFlows = (comparison: FlowComparison): FlowChange[] => atOnce(describingFlows(comparison));

class FlowDescriber {
  readonly #nodes: NodeNamer;
  readonly #numbers = new Map<End, number>();
  readonly #named = new Map<string, Named>();
  /** What no exit node is asked for: what has a route of its own, and the tailnet itself. */
  readonly #elsewhere: AddressSet;

  constructor(private readonly moment: Moment) {
    this.#nodes = new NodeNamer(moment);
    this.#elsewhere = AddressSet.of([
      ...moment.prefixes.filter((prefix) => !isExitPrefix(prefix)),
      ...ownPrefixes([moment]),
    ]);
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

  /** Many flows have the same ends: each set of them is named once. */
  #name(ends: readonly End[], likely: ReadonlySet<Label>): Named {
    const numbers = ends.map((end) => {
      const number = this.#numbers.get(end) ?? this.#numbers.size;
      this.#numbers.set(end, number);
      return number;
    });
    const key = `${numbers.sort((a, b) => a - b).join()} ${[...likely].sort().join()}`;
    const named = this.#named.get(key) ?? this.#nameAnew(ends, likely);
    this.#named.set(key, named);
    return named;
  }

  #nameAnew(ends: readonly End[], likely: ReadonlySet<Label>): Named {
    const nodes = ends.flatMap((end) => (end.kind === 'nodes' ? end.nodes : []));
    if (nodes.length > 0) return this.#nodes.name(nodes, likely);
    const cells = ends.filter((end) => end.kind === 'cells');
    const addresses = AddressSet.union(cells.flatMap((end) => end.cells.map((cell) => cell.addresses)));
    const { policy } = this.moment.state.policy;
    const exits = this.#nodes.list(exitsOf(cells));
    if (exits.length === 0) return nameAddresses(addresses, policy);
    const named = nameAddresses(addresses, policy, this.#elsewhere);
    const more = exits.length > MAX_EXITS ? [`${exits.length - MAX_EXITS} more`] : [];
    const through = joined([...exits.slice(0, MAX_EXITS), ...more]);
    return { ...named, text: `${named.text} through ${through}`, examples: exits };
  }

  #originsOf(rules: ReadonlySet<string>): string[] {
    const origins = this.moment.state.policy.compiled?.origins;
    const named = [...rules].flatMap((id) => origins?.get(id) ?? []);
    return [...new Map(named.sort((a, b) => a.line - b.line).map(({ name }) => [name, name])).keys()];
  }
}

/** More exit nodes than these are told by their number. */
const MAX_EXITS = 5;

const exitsOf = (ends: readonly CellsEnd[]): string[] => [
  ...new Set(ends.flatMap(({ exit }) => (exit === undefined ? [] : [exit]))),
];

function labelsIn(selector: Selector): Label[] {
  if (selector.kind === 'label') return [selector.label];
  if (selector.kind === 'any' || selector.kind === 'everything') return ['*'];
  if (selector.kind === 'same-user') return ['autogroup:member'];
  return selector.kind === 'where' ? labelsIn(selector.of) : [];
}
