import { needsSameUser, type Rule } from '#policy';
import type { Moment } from './moment.js';
import { keyOfServices, minusServices, servicesOf } from './services.js';
import type { Sides } from './sides.js';
import type { CellSpot, NodesSpot, Told } from './spots.js';

/**
 * The rules that a difference between two moments can be about, by id: those that mean something else to some end than
 * before, and those that let some of the same services pass. All others let the same pass at both moments, and nothing
 * of what the former do, so that nobody needs to tell apart the ends that only they do.
 */
export function relevantRules(
  moments: readonly [Moment, Moment],
  nodes: readonly NodesSpot[],
  cells: readonly CellSpot[],
): ReadonlySet<string> {
  const shifted = shiftedRules(moments, nodes, cells);
  const ruleOf = (id: string) => moments[1].rule(id) ?? moments[0].rule(id);
  const services = servicesOf([...shifted].flatMap((id) => ruleOf(id) ?? []));
  const overlaps = (rule: Rule) => {
    const own = servicesOf([rule]);
    return own.size > 0 && keyOfServices(minusServices(own, services)) !== keyOfServices(own);
  };
  const rules = moments.flatMap(({ state }) => state.policy.compiled?.rules ?? []);
  return new Set(rules.filter((rule) => shifted.has(rule.id) || overlaps(rule)).map(({ id }) => id));
}

function shiftedRules(
  moments: readonly [Moment, Moment],
  nodes: readonly NodesSpot[],
  cells: readonly CellSpot[],
): Set<string> {
  const shifted = new Set<string>();
  const addAll = (ids: Iterable<string>) => {
    for (const id of ids) shifted.add(id);
  };
  for (const { sides, cover } of cells) addAll(cover[0] === cover[1] ? unshared(sides) : allIn(sides));
  const byPrefix = rulesByPrefix(cells);
  for (const { sides, told, hasMoved } of nodes) {
    addAll(unshared(sides));
    const isOwn = (id: string) => moments.some((moment) => needsSameUser(moment.rule(id)?.dst ?? { kind: 'any' }));
    if (hasMoved) addAll([...allIn(sides)].filter(isOwn));
    const elsewhere = differing(told);
    if (elsewhere.length === 0) continue;
    const own = allIn(sides);
    for (const prefix of elsewhere) addAll([...(byPrefix.get(prefix) ?? [])].filter((id) => own.has(id)));
  }
  return shifted;
}

type Both = readonly [Sides, Sides];

const allIn = ([a, b]: Both): Set<string> => new Set([a, b].flatMap(({ from, to }) => [...from.keys(), ...to.keys()]));

function* unshared([a, b]: Both): Iterable<string> {
  if (a === b) return;
  for (const way of ['from', 'to'] as const) {
    for (const [id, families] of a[way]) if (b[way].get(id) !== families) yield id;
    for (const [id, families] of b[way]) if (a[way].get(id) !== families) yield id;
  }
}

/** The rules about the addresses under each prefix. */
function rulesByPrefix(cells: readonly CellSpot[]): Map<string, Set<string>> {
  const rules = new Map<string, Set<string>>();
  for (const { cell, sides } of cells) {
    const own = allIn(sides);
    for (const prefix of cell.chain) {
      const known = rules.get(prefix) ?? new Set();
      for (const id of own) known.add(id);
      rules.set(prefix, known);
    }
  }
  return rules;
}

const differing = ([a, b]: readonly [Told, Told]): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((prefix) => (a.get(prefix) ?? '') !== (b.get(prefix) ?? ''));
