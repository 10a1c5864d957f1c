import canonicalize from 'canonicalize';
import { type JsonNode, plainValue } from './json-node.js';

const contents = new WeakMap<JsonNode, string>();

/** The same text for the same value (RFC 8785). */
export function contentOf(node: JsonNode): string {
  const known = contents.get(node) ?? canonicalize(plainValue(node)) ?? '';
  contents.set(node, known);
  return known;
}

export const sameValue = (a: JsonNode, b: JsonNode): boolean => contentOf(a) === contentOf(b);

/** How much of two values is the same, from 0 to 1: the members of objects by their names, the items of lists wherever they are. */
export function similarity(a: JsonNode, b: JsonNode): number {
  if (sameValue(a, b)) return 1;
  if (a.kind === 'object' && b.kind === 'object') {
    const members = new Map(b.members.map(({ key, value }) => [key, value]));
    const common = a.members.reduce((sum, { key, value }) => {
      const other = members.get(key);
      return other ? sum + similarity(value, other) : sum;
    }, 0);
    return common / new Set([...a.members, ...b.members].map(({ key }) => key)).size;
  }
  if (a.kind === 'array' && b.kind === 'array') {
    const items = new Set(b.items.map(contentOf));
    const common = a.items.filter((item) => items.has(contentOf(item))).length;
    return common / Math.max(a.items.length, b.items.length, 1);
  }
  return 0;
}
