import { parsePrefix, prefixContains, prefixesOverlap, tryParsePrefix } from '#net';
import { prefixText } from '../address/prefixes.js';
import { type JsonNode, plainValue } from '../hujson/json-node.js';
import { readMentions } from './mentions.js';
import type { NodeAttribute } from './policy.js';
import type { Reader, Word } from './reader.js';
import type { Scope } from './scope.js';
import { ATTRIBUTE_TARGET } from './slots.js';

/** Where tailnet addresses come from (RFC 6598), and the parts of it that the reference keeps for itself. */
const TAILNET = parsePrefix('100.64.0.0/10');
const RESERVED = ['100.100.0.0/24', '100.100.100.0/24', '100.115.92.0/23'].map(parsePrefix);

/** The entries of `nodeAttrs`. */
export function readNodeAttributes(reader: Reader, node: JsonNode, scope: Scope): NodeAttribute[] {
  return reader.items(node, '"nodeAttrs"').map((item, index) => readEntry(reader, item, `nodeAttrs[${index}]`, scope));
}

function readEntry(reader: Reader, node: JsonNode, name: string, scope: Scope): NodeAttribute {
  const parts: Partial<Record<string, JsonNode>> = {};
  const keep = (value: JsonNode, { key }: { key: string }) => {
    parts[key.toLowerCase()] = value;
  };
  reader.fields(node, name, { target: keep, attr: keep, app: keep, ipPool: keep });
  const app: Record<string, readonly unknown[]> = {};
  for (const { key, value } of parts.app ? reader.entries(parts.app, '"app"') : []) {
    app[key] = reader.items(value, JSON.stringify(key)).map(plainValue);
  }
  return {
    ...reader.place(node),
    name,
    target: parts.target ? readMentions(reader, parts.target, ATTRIBUTE_TARGET, scope) : [],
    attributes: parts.attr ? reader.words(parts.attr, '"attr"').map(({ text }) => text) : [],
    app,
    ipPool: parts.ippool ? reader.words(parts.ippool, '"ipPool"').flatMap((word) => readPool(reader, word)) : [],
  };
}

function readPool(reader: Reader, word: Word): string[] {
  const prefix = tryParsePrefix(word.text);
  let complaint: string | undefined;
  if (!prefix) complaint = 'not a CIDR prefix';
  else if (!prefixContains(TAILNET, prefix)) complaint = 'network outside of 100.64.0.0/10';
  else if (RESERVED.some((reserved) => prefixesOverlap(reserved, prefix))) complaint = 'network within reserved range';
  if (prefix && !complaint) return [prefixText(prefix)];
  reader.error(word, {
    code: 'policy.bad_pool',
    message: `IPPool(${word.text}): ${complaint}`,
    hint: 'choose a prefix of 100.64.0.0/10 outside of 100.100.0.0/24, 100.100.100.0/24 and 100.115.92.0/23',
  });
  return [];
}
