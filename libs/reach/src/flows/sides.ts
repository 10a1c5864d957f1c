import { arrives, type CompiledPolicy, leaves, type PacketEnd, type Rule, type Selector, selects } from '#policy';
import type { Cell } from './cells.js';
import { type Families, V4, V6 } from './families.js';
import type { Member, Moment } from './moment.js';

/** The rules under which packets may come from an end, and under which they may go there, by id, with the families. */
export interface Sides {
  readonly from: ReadonlyMap<string, Families>;
  readonly to: ReadonlyMap<string, Families>;
}

export const NO_SIDES: Sides = { from: new Map(), to: new Map() };

/** Works out the sides of ends, once per kind of end. */
export class SideFinder {
  readonly #compiled: CompiledPolicy | undefined;
  readonly #byParty = new Map<string, Sides>();
  readonly #from: PrefixRules;
  readonly #to: PrefixRules;

  constructor(moment: Moment) {
    this.#compiled = moment.state.policy.compiled;
    const rules = (this.#compiled?.rules ?? []).filter(({ ports }) => ports.length > 0);
    this.#from = new PrefixRules(rules, ({ src }) => src);
    this.#to = new PrefixRules(rules, ({ dst }) => [dst]);
  }

  /** Of a node's own addresses. What rules make of them follows from its labels: it has one address of each family. */
  ofMember({ party, node }: Member): Sides {
    const known = this.#byParty.get(party.id);
    if (known) return known;
    const labels = new Set(party.labels);
    // Whose user is whose is told apart where two ends meet.
    const end = (address: string): PacketEnd => ({ address, own: true, labels, user: '?' });
    const ends = [
      [V4, end(node.ipv4)],
      [V6, end(node.ipv6)],
    ] as const;
    const pick = (rulesOf: (label: string) => readonly Rule[], test: (rule: Rule, end: PacketEnd) => boolean) => {
      const found = new Map<string, Families>();
      for (const rule of new Set(party.labels.flatMap(rulesOf))) {
        if (rule.ports.length === 0) continue;
        const families = ends.reduce((sum, [family, own]) => (test(rule, own) ? sum | family : sum), 0);
        if (families > 0) found.set(rule.id, families);
      }
      return found;
    };
    const compiled = this.#compiled;
    const sides: Sides = compiled
      ? { from: pick(compiled.rulesFrom, leaves), to: pick(compiled.rulesTo, arrives) }
      : NO_SIDES;
    this.#byParty.set(party.id, sides);
    return sides;
  }

  /** Of addresses that routers forward for; which router it is only matters to rules with `via`. */
  ofCell(cell: Cell): Sides {
    const end: PacketEnd = { address: cell.sample, own: false, exit: false, labels: NO_LABELS };
    const from = this.#from.touching(cell).filter((rule) => leaves(rule, end));
    const to = this.#to.touching(cell).filter(({ dst }) => selects(dst, end));
    return { from: mapped(from, cell), to: mapped(to, cell) };
  }

  /** Of addresses behind an exit node. Nothing comes from there: exit nodes translate. */
  ofExit(cell: Cell, isServedNarrowly: boolean): Sides {
    const end: PacketEnd = { address: cell.sample, own: false, exit: !isServedNarrowly, labels: NO_LABELS };
    const to = this.#to.touching(cell).filter(({ dst }) => selects(dst, end));
    return { from: NO_SIDES.from, to: mapped(to, cell) };
  }
}

const NO_LABELS: ReadonlySet<string> = new Set();

const mapped = (rules: readonly Rule[], { family }: Cell): ReadonlyMap<string, Families> =>
  new Map(rules.map(({ id }) => [id, family]));

const baseOf = (selector: Selector): Selector => (selector.kind === 'where' ? baseOf(selector.of) : selector);

/** Finds the rules that may select a forwarded address: those that name a prefix around it, and those that name all. */
class PrefixRules {
  readonly #byPrefix = new Map<string, Rule[]>();
  readonly #broad: Rule[] = [];

  constructor(rules: readonly Rule[], selectorsOf: (rule: Rule) => readonly Selector[]) {
    for (const rule of rules) {
      const bases = selectorsOf(rule).map(baseOf);
      if (bases.some(({ kind }) => kind === 'any' || kind === 'everything' || kind === 'internet')) {
        this.#broad.push(rule);
        continue;
      }
      for (const base of bases) {
        if (base.kind !== 'prefix') continue;
        const known = this.#byPrefix.get(base.prefix);
        if (known) known.push(rule);
        else this.#byPrefix.set(base.prefix, [rule]);
      }
    }
  }

  touching({ chain }: Cell): Rule[] {
    return [...this.#broad, ...new Set(chain.flatMap((prefix) => this.#byPrefix.get(prefix) ?? []))];
  }
}
