import { NetfoldError } from '#kernel';
import type { FilterRule } from '../filter-rule.js';
import { type CompiledRule, compileRule, contentOf } from './compiled-rule.js';
import { PrefixClasses } from './prefix-classes.js';

/** Whom a change of the rules concerns. */
export interface RuleChange {
  readonly anyone: boolean;
  readonly sameUser: boolean;
  readonly labels: ReadonlySet<string>;
}

/** The rules in force, found by whom they let in. */
export class RuleIndex {
  /** The classes of packet sources, and of packet destinations, that the rules tell apart. */
  readonly sources = new PrefixClasses();
  readonly destinations = new PrefixClasses();
  readonly fromAny = new Set<CompiledRule>();
  readonly fromSameUser = new Set<CompiledRule>();
  readonly fromPrefixes = new Set<CompiledRule>();
  readonly #fromLabel = new Map<string, Set<CompiledRule>>();
  readonly #byId = new Map<string, CompiledRule>();
  #lastSerial = 0;

  fromLabel(label: string): Iterable<CompiledRule> {
    return this.#fromLabel.get(label) ?? [];
  }

  /**
   * Replaces the rules. Only those that are new, gone or changed cost anything beyond a comparison.
   * Nothing changes when one of them is refused.
   * @returns undefined when all stays as it was
   * @throws NetfoldError `filter.duplicate_rule`, `filter.bad_ports`, `filter.bad_protocol`, `net.bad_prefix`
   */
  setRules(rules: readonly FilterRule[]): RuleChange | undefined {
    const ids = new Set(rules.map(({ id }) => id));
    if (ids.size < rules.length) throw duplicate(rules);
    const added = rules
      .filter((rule) => !sameContent(this.#byId.get(rule.id)?.rule, rule))
      .map((rule) => compileRule(rule, ++this.#lastSerial));
    const replaced = new Set(added.map(({ rule }) => rule.id));
    const removed = [...this.#byId.values()].filter(({ rule }) => !ids.has(rule.id) || replaced.has(rule.id));
    for (const rule of removed) this.#remove(rule);
    for (const rule of added) this.#add(rule);
    return added.length + removed.length > 0 ? changeOf([...removed, ...added]) : undefined;
  }

  #add(compiled: CompiledRule): void {
    this.#byId.set(compiled.rule.id, compiled);
    if (compiled.fromAny) this.fromAny.add(compiled);
    if (compiled.fromSameUser) this.fromSameUser.add(compiled);
    if (compiled.fromPrefixes.length > 0) this.fromPrefixes.add(compiled);
    for (const label of compiled.fromLabels) {
      const bearers = this.#fromLabel.get(label) ?? new Set();
      this.#fromLabel.set(label, bearers.add(compiled));
    }
    for (const prefix of compiled.fromPrefixes) this.sources.add(prefix);
    if (compiled.to) this.destinations.add(compiled.to);
  }

  #remove(compiled: CompiledRule): void {
    this.#byId.delete(compiled.rule.id);
    for (const rules of [this.fromAny, this.fromSameUser, this.fromPrefixes]) rules.delete(compiled);
    for (const label of compiled.fromLabels) {
      const bearers = this.#fromLabel.get(label);
      bearers?.delete(compiled);
      if (bearers?.size === 0) this.#fromLabel.delete(label);
    }
    for (const prefix of compiled.fromPrefixes) this.sources.remove(prefix);
    if (compiled.to) this.destinations.remove(compiled.to);
  }
}

const sameContent = (old: FilterRule | undefined, rule: FilterRule): boolean =>
  old === rule || (old !== undefined && contentOf(old) === contentOf(rule));

const changeOf = (rules: readonly CompiledRule[]): RuleChange => ({
  anyone: rules.some(({ fromAny, fromPrefixes }) => fromAny || fromPrefixes.length > 0),
  sameUser: rules.some(({ fromSameUser }) => fromSameUser),
  labels: new Set(rules.flatMap(({ fromLabels }) => [...fromLabels])),
});

function duplicate(rules: readonly FilterRule[]): NetfoldError {
  const seen = new Set<string>();
  const id = rules.find((rule) => seen.size === seen.add(rule.id).size)?.id;
  return new NetfoldError({ code: 'filter.duplicate_rule', message: `two rules have the id ${id}` });
}
