// One form for what may be written in several ways: order within lists carries no meaning, nor does saying a thing twice.

import { AddressSet, rangePrefixes } from '#policy';

const sorted = (values) => [...new Set(values)].sort();

/** Addresses, prefixes and ranges as the set that they are, however it is cut up. */
function addresses(texts) {
  if (texts.includes('*')) return '*';
  const prefixes = texts.flatMap((text) => rangePrefixes(...text.split('-')) ?? [text]);
  return AddressSet.of(prefixes).texts().join(' ');
}

/** Each filter rule as one text: sources, protocols, and what they reach. */
export function canonicalFilter(rules) {
  const merged = new Map();
  for (const { SrcIPs, DstPorts, IPProto, CapGrant } of rules ?? []) {
    const sources = addresses(SrcIPs ?? []);
    if (DstPorts?.length) {
      const ports = DstPorts.map(({ IP, Ports }) => `${IP}:${Ports.First}-${Ports.Last}`);
      add(merged, `from ${sources} protocols ${sorted(IPProto ?? []).join(' ') || 'default'} to`, ports);
    }
    const grants = (CapGrant ?? []).flatMap(({ Dsts, CapMap, Caps }) =>
      Dsts.map((destination) => `${destination} ${JSON.stringify(sortKeys(CapMap ?? Caps))}`),
    );
    if (CapGrant?.length) add(merged, `from ${sources} capabilities`, grants);
  }
  return [...merged].map(([key, values]) => `${key} ${sorted(values).join(' ')}`).sort();
}

function add(merged, key, values) {
  merged.set(key, [...(merged.get(key) ?? []), ...values]);
}

/** Each SSH rule as one text. Their order does carry meaning: the first match decides. */
export function canonicalSsh(rules) {
  return (rules ?? []).map((rule) => {
    const principals = sorted(rule.principals.map((principal) => JSON.stringify(sortKeys(principal))));
    return JSON.stringify(sortKeys({ ...rule, principals }));
  });
}

function sortKeys(value) {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
