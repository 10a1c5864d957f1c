import { isExitPrefix } from '#netmap';
import { INTERNET, type Selector } from '#policy';
import type { TailnetState } from '#tailnet';
import { type Cell, cellsOf } from './cells.js';
import type { Moment } from './moment.js';

/** Where nodes have their addresses: never behind an exit node. */
const CGNAT = '100.64.0.0/10';

/** The addresses that are reached through routers at one of two moments, cut where a route or a rule has an edge. */
export function routedCells(moments: readonly Moment[]): Cell[] {
  const routes = new Set(moments.flatMap(({ prefixes }) => prefixes));
  if (routes.size === 0) return [];
  const exits = [...routes].filter(isExitPrefix);
  const narrow = new Set([...routes].filter((prefix) => !isExitPrefix(prefix)));
  const own = ownPrefixes(moments);
  const edges = new Set([...routes, ...moments.flatMap(({ state }) => [...prefixesNamed(state)])]);
  if (exits.length > 0) for (const prefix of [...own, ...INTERNET.prefixes()]) edges.add(prefix);
  return cellsOf(edges, (chain) => {
    if (chain.some((prefix) => narrow.has(prefix))) return true;
    return chain.some((prefix) => exits.includes(prefix)) && !chain.some((prefix) => own.has(prefix));
  });
}

/** The prefixes that the nodes have their addresses in. */
export const ownPrefixes = (moments: readonly Moment[]): ReadonlySet<string> =>
  new Set([CGNAT, ...moments.flatMap(({ state }) => (state.tailnet ? [state.tailnet.ula] : []))]);

function prefixesNamed({ policy }: TailnetState): Set<string> {
  const named = new Set<string>();
  const seen = new Set<readonly Selector[]>();
  for (const { src, dst } of policy.compiled?.rules ?? []) {
    addPrefixes(dst, named);
    if (seen.has(src)) continue;
    seen.add(src);
    for (const selector of src) addPrefixes(selector, named);
  }
  return named;
}

function addPrefixes(selector: Selector, named: Set<string>): void {
  if (selector.kind === 'prefix') named.add(selector.prefix);
  if (selector.kind !== 'where') return;
  for (const part of [selector.of, ...selector.within, ...selector.except]) addPrefixes(part, named);
}
