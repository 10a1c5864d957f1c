import { compareAddresses, formatPrefix, type Prefix, prefixContains, tryParsePrefix } from '#net';
import { AddressSet } from '#policy';
import { type Families, V4, V6 } from './families.js';

/** Addresses that no route and no rule tells apart: a prefix without the narrower ones that are named. */
export interface Cell {
  /** All named prefixes around it, the narrowest first. */
  readonly chain: readonly string[];
  readonly addresses: AddressSet;
  /** One of the addresses. */
  readonly sample: string;
  readonly family: Families;
}

interface Named {
  readonly prefix: Prefix;
  readonly text: string;
  readonly chain: readonly string[];
  readonly children: string[];
}

/**
 * Cuts the addresses of some prefixes into cells. Prefixes contain each other or are disjoint, so there is at most one
 * cell per prefix.
 * @param isWanted tells by its chain whether a cell is to be there
 */
export function cellsOf(texts: Iterable<string>, isWanted: (chain: readonly string[]) => boolean): Cell[] {
  const cells: Cell[] = [];
  for (const { text, prefix, chain, children } of nested(texts)) {
    if (!isWanted(chain)) continue;
    const addresses = AddressSet.of([text]).minus(AddressSet.of(children));
    const sample = addresses.prefixes()[0]?.replace(/\/.*/, '');
    if (sample === undefined) continue;
    cells.push({ chain, addresses, sample, family: prefix.address.length === 4 ? V4 : V6 });
  }
  return cells;
}

function nested(texts: Iterable<string>): Named[] {
  const prefixes = new Map<string, Prefix>();
  for (const text of texts) {
    const prefix = tryParsePrefix(text);
    if (prefix) prefixes.set(formatPrefix(prefix), prefix);
  }
  const sorted = [...prefixes].sort(
    ([, a], [, b]) => a.address.length - b.address.length || compareAddresses(a.address, b.address) || a.bits - b.bits,
  );
  const all: Named[] = [];
  const open: Named[] = [];
  for (const [text, prefix] of sorted) {
    while (open.length > 0 && !prefixContains((open.at(-1) as Named).prefix, prefix)) open.pop();
    const parent = open.at(-1);
    parent?.children.push(text);
    const named: Named = { prefix, text, chain: [text, ...(parent?.chain ?? [])], children: [] };
    all.push(named);
    open.push(named);
  }
  return all;
}
