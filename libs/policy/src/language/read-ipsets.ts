import { AddressSet } from '../address/address-set.js';
import type { JsonNode } from '../hujson/json-node.js';
import { canonicalName } from './read-names.js';
import type { Reader, Word } from './reader.js';
import { didYouMean } from './suggest.js';
import { parseTarget } from './targets.js';

interface Definition {
  readonly words: readonly Word[];
  readonly at: number;
}

/**
 * `ipsets`: name → prefixes. Entries are addresses, prefixes, ranges, hosts and other sets, each of which may be preceded
 * by `add` (the default) or `remove`; they apply in order.
 */
export function readIpsets(
  reader: Reader,
  node: JsonNode,
  hosts: ReadonlyMap<string, string>,
): Map<string, readonly string[]> {
  const definitions = new Map<string, Definition>();
  for (const member of reader.entries(node, '"ipsets"')) {
    const name = canonicalName(reader, member, 'ipset:');
    definitions.set(name, { words: reader.words(member.value, `"${name}"`), at: member.keyStart });
  }
  const resolver = new IpsetResolver(reader, definitions, hosts);
  return new Map([...definitions.keys()].map((name) => [name, resolver.resolve(name, 0).prefixes()]));
}

/** Deep enough for any sensible file, shallow enough for the stack. */
const MAX_NESTING = 32;

class IpsetResolver {
  private readonly done = new Map<string, AddressSet>();
  private readonly open = new Set<string>();

  constructor(
    private readonly reader: Reader,
    private readonly definitions: ReadonlyMap<string, Definition>,
    private readonly hosts: ReadonlyMap<string, string>,
  ) {}

  resolve(name: string, depth: number): AddressSet {
    const known = this.done.get(name);
    if (known) return known;
    const definition = this.definitions.get(name);
    if (!definition) return AddressSet.EMPTY;
    if (this.open.has(name) || depth > MAX_NESTING) {
      const message = `${JSON.stringify(name)} is made of itself, or nested more than ${MAX_NESTING} deep`;
      this.reader.error(definition.at, { code: 'policy.cyclic_ipset', message, hint: 'break the circle' });
      return AddressSet.EMPTY;
    }
    this.open.add(name);
    const set = this.combine(definition.words, depth);
    this.open.delete(name);
    this.done.set(name, set);
    return set;
  }

  /** Runs of additions are united at once, so that a long list costs its length. */
  private combine(words: readonly Word[], depth: number): AddressSet {
    let added: AddressSet[] = [];
    for (const word of words) {
      const found = /^(?:(add|remove)\s+)?(.*)$/s.exec(word.text);
      const operand = this.operand(found?.[2] ?? '', word, depth);
      if (found?.[1] === 'remove') added = [AddressSet.union(added).minus(operand)];
      else added.push(operand);
    }
    return AddressSet.union(added);
  }

  private operand(text: string, word: Word, depth: number): AddressSet {
    const target = parseTarget(text);
    if (typeof target !== 'string') {
      if (target.kind === 'addresses') return AddressSet.of(target.prefixes);
      const host = target.kind === 'host' ? this.hosts.get(target.name) : undefined;
      if (host) return AddressSet.of([host]);
      if (target.kind === 'ipset' && this.definitions.has(target.name)) return this.resolve(target.name, depth + 1);
    }
    const message = `${JSON.stringify(text)} is not an address, prefix, range, host or ipset`;
    const hint = () => didYouMean(text, [...this.hosts.keys(), ...this.definitions.keys()]);
    this.reader.error(word, { code: 'policy.bad_ipset', message, hint });
    return AddressSet.EMPTY;
  }
}
