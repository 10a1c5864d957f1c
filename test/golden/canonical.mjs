// One form for what may be written in several ways: order within lists carries no meaning, nor does saying a thing twice.

import { AddressSet, rangePrefixes } from '#policy';

const sorted = (values) => [...new Set(values)].sort();

/** What each destination takes from whom, however the reference cut it into rules: one text per port and capability. */
export function canonicalFilter(rules) {
  const sources = new Map();
  const add = (what, texts) => sources.set(what, [...(sources.get(what) ?? []), ...texts]);
  for (const { SrcIPs, DstPorts, IPProto, CapGrant } of rules ?? []) {
    const protocols = sorted(IPProto ?? []).join(' ') || 'default';
    for (const { IP, Ports } of DstPorts ?? []) {
      add(`to ${IP} ports ${Ports.First}-${Ports.Last} protocols ${protocols}`, SrcIPs ?? []);
    }
    for (const { Dsts, CapMap } of CapGrant ?? []) {
      for (const destination of Dsts) add(`at ${destination} ${JSON.stringify(sortKeys(CapMap))}`, SrcIPs ?? []);
    }
  }
  return [...sources].map(([what, texts]) => `${what} from ${addresses(texts)}`).sort();
}

/** Addresses, prefixes and ranges as the set that they are. */
function addresses(texts) {
  if (texts.includes('*')) return '*';
  const prefixes = texts.flatMap((text) => rangePrefixes(...text.split('-')) ?? [text]);
  return AddressSet.of(prefixes).texts().join(' ');
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
