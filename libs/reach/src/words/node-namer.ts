import { identityLabels, indexGroups, type Label } from '#policy';
import { subjectOf } from '#tailnet';
import type { Moment } from '../flows/moment.js';
import { joined, type Named } from './named.js';

/** More names than these are harder to read than a number. */
const MAX_NAMES = 3;
const MAX_EXCEPTIONS = 2;
const MAX_EXAMPLES = 5;

const EVERYONE: Label = '*';

/** Tells sets of nodes by the identities that they had at a moment. */
export class NodeNamer {
  readonly #labels = new Map<string, readonly Label[]>();
  readonly #sizes = new Map<Label, number>();

  constructor(private readonly moment: Moment) {
    const { state, directory } = moment;
    const groups = state.policy.policy ? indexGroups(state.policy.policy) : new Map<string, string[]>();
    for (const [id, { node }] of moment.members) {
      const labels = [EVERYONE, ...new Set(identityLabels(subjectOf(state, node), groups, directory))];
      this.#labels.set(id, labels);
      for (const label of labels) this.#sizes.set(label, (this.#sizes.get(label) ?? 0) + 1);
    }
  }

  /**
   * The fewest identities that make up the set, if few do.
   * @param likely the identities that the rules in question name: they come first
   */
  name(ids: readonly string[], likely: ReadonlySet<Label>): Named {
    const counts = this.#countLabels(ids);
    const common = { count: ids.length, examples: this.#examplesOf(ids) };
    const names = this.#cover(ids, counts, likely);
    if (names) return { ...common, text: joined(names), names, exact: true };
    const around = this.#around(ids.length, counts, likely) ?? EVERYONE;
    const size = this.#sizes.get(around) ?? 0;
    if (size - ids.length <= MAX_EXCEPTIONS) {
      const except = this.#outside(ids, around);
      return {
        ...common,
        text: `${shown(around)} without ${joined(except)}`,
        names: [shown(around)],
        except,
        exact: true,
      };
    }
    const whose = around === EVERYONE ? `(${common.examples.join(', ')}, …)` : '';
    const text = whose
      ? `${ids.length} machines ${whose}`
      : `${ids.length} of the ${size} machines of ${shown(around)}`;
    return { ...common, text, names: around === EVERYONE ? [] : [shown(around)], exact: false };
  }

  /** All names. */
  list(ids: readonly string[]): string[] {
    return ids.map((id) => this.#nameOf(id)).sort();
  }

  /** The names that come first in the alphabet. */
  #examplesOf(ids: readonly string[]): string[] {
    let first: string[] = [];
    for (const id of ids) {
      const name = this.#nameOf(id);
      if (first.length < MAX_EXAMPLES) first = [...first, name].sort();
      else if (name < (first.at(-1) as string)) first = [...first.slice(0, -1), name].sort();
    }
    return first;
  }

  #outside(ids: readonly string[], label: Label): string[] {
    const inside = new Set(ids);
    const outside = [...this.#labels].filter(([id, labels]) => !inside.has(id) && labels.includes(label));
    return outside.map(([id]) => this.#nameOf(id)).sort();
  }

  #nameOf(id: string): string {
    return this.moment.members.get(id)?.node.name ?? id;
  }

  #countLabels(ids: readonly string[]): Map<Label, number> {
    const counts = new Map<Label, number>();
    for (const id of ids) {
      for (const label of this.#labels.get(id) ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    return counts;
  }

  /** Names that stand for exactly these nodes; undefined when it takes too many. */
  #cover(
    ids: readonly string[],
    counts: ReadonlyMap<Label, number>,
    likely: ReadonlySet<Label>,
  ): readonly string[] | undefined {
    const whole = [...counts].filter(([label, count]) => count === this.#sizes.get(label)).map(([label]) => label);
    const isPlain = ids.length <= MAX_NAMES;
    const candidates = whole.filter((label) => likely.has(label) || !(isPlain || label.startsWith('user:*@')));
    const most = candidates.map((label) => counts.get(label) ?? 0).sort((a, b) => b - a);
    const reach = most.slice(0, MAX_NAMES).reduce((sum, count) => sum + count, MAX_NAMES);
    if (reach < ids.length) return undefined;
    const left = new Set(ids);
    const names: string[] = [];
    while (left.size > 0 && names.length < MAX_NAMES) {
      const best = this.#best(candidates, left, likely);
      if (best === undefined) break;
      names.push(shown(best));
      for (const id of [...left]) if (this.#labels.get(id)?.includes(best)) left.delete(id);
    }
    if (left.size + names.length > MAX_NAMES) return undefined;
    return [...names, ...[...left].map((id) => this.#nameOf(id)).sort()];
  }

  /** The label that most of these nodes bear, the likely ones first. */
  #best(candidates: readonly Label[], left: ReadonlySet<string>, likely: ReadonlySet<Label>): Label | undefined {
    const gains = this.#countLabels([...left]);
    const score = (label: Label) => (gains.get(label) ?? 0) + (likely.has(label) ? this.#labels.size : 0);
    const useful = candidates.filter((label) => (gains.get(label) ?? 0) > 0);
    return useful.reduce<Label | undefined>((best, label) => {
      if (best === undefined) return label;
      const ahead = score(label) - score(best) || rankOf(best) - rankOf(label);
      return ahead > 0 || (ahead === 0 && label < best) ? label : best;
    }, undefined);
  }

  /** The smallest identity that all of them are of. */
  #around(size: number, counts: ReadonlyMap<Label, number>, likely: ReadonlySet<Label>): Label | undefined {
    const around = [...counts].filter(([label, count]) => count === size && label !== EVERYONE).map(([label]) => label);
    const sizeOf = (label: Label) => this.#sizes.get(label) ?? 0;
    const order = (a: Label, b: Label) =>
      sizeOf(a) - sizeOf(b) ||
      Number(likely.has(b)) - Number(likely.has(a)) ||
      rankOf(a) - rankOf(b) ||
      (a < b ? -1 : 1);
    return around.sort(order)[0];
  }
}

const RANKS = ['*', 'autogroup:member', 'autogroup:tagged', 'group:', 'tag:', 'autogroup:', 'user:*@', 'user:'];

/** The lower, the more telling, among those that say the same. */
const rankOf = (label: Label): number => RANKS.findIndex((start) => label.startsWith(start));

const shown = (label: Label): string =>
  label.startsWith('user:') && !label.startsWith('user:*@') ? label.slice('user:'.length) : label;
