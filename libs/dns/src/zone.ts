import { type Prefix, parsePrefix, prefixContainsAddress, tryParseAddress } from '#net';
import { addressOfReverseName, reverseName } from './reverse-name.js';
import { RCODE, TYPE } from './wire.js';

/** A machine that can be called by name. */
export interface NamedNode {
  readonly id: string;
  /** In full, without a trailing dot. */
  readonly dnsName: string;
  readonly addresses: readonly string[];
}

export interface ExtraRecord {
  /** In full, without a trailing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT';
  readonly value: string;
}

export interface ZoneSettings {
  /** The domain that the nodes' names are in. Nobody else is asked about names in it. */
  readonly domain: string;
  /** The prefixes of the nodes' addresses. Nobody else is asked about these either. */
  readonly prefixes: readonly string[];
  readonly records: readonly ExtraRecord[];
}

/** What the zone says about a name. */
export interface ZoneAnswer {
  /** No error and no records: there is the name, but nothing of that type. */
  readonly rcode: typeof RCODE.noError | typeof RCODE.noSuchName;
  readonly records: readonly ZoneRecord[];
  /** The alias leads to this name, which others know about. */
  readonly continueAt?: string;
}

export interface ZoneRecord {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'PTR';
  readonly data: string;
}

const TYPE_NUMBERS = { A: TYPE.a, AAAA: TYPE.aaaa, CNAME: TYPE.cname, TXT: TYPE.txt, PTR: TYPE.ptr } as const;

/** Aliases of aliases; more than that is a circle or a mistake. */
const MAX_ALIASES = 8;

const NO_SUCH_NAME: ZoneAnswer = { rcode: RCODE.noSuchName, records: [] };

/** The names of a tailnet: of its nodes, and extra records. One node more or less costs one node. */
export class Zone {
  #settings: ZoneSettings = { domain: '', prefixes: [], records: [] };
  #prefixes: readonly Prefix[] = [];
  readonly #extra = new Map<string, ZoneRecord[]>();
  readonly #nodes = new Map<string, NamedNode>();
  /** Name → records, reverse names included. */
  readonly #byName = new Map<string, ZoneRecord[]>();

  get domain(): string {
    return this.#settings.domain;
  }

  configure(settings: ZoneSettings): void {
    this.#settings = { ...settings, domain: settings.domain.toLowerCase() };
    this.#prefixes = settings.prefixes.map(parsePrefix);
    this.#extra.clear();
    for (const { name, type, value } of settings.records) {
      const records = this.#extra.get(name.toLowerCase()) ?? [];
      this.#extra.set(name.toLowerCase(), [...records, { name: name.toLowerCase(), type, data: value }]);
    }
  }

  /** Adds a node, or replaces the one with its id. */
  put(node: NamedNode): void {
    this.remove(node.id);
    this.#nodes.set(node.id, node);
    for (const record of recordsOf(node)) {
      this.#byName.set(record.name, [...(this.#byName.get(record.name) ?? []), record]);
    }
  }

  remove(id: string): void {
    const node = this.#nodes.get(id);
    if (!node) return;
    this.#nodes.delete(id);
    for (const { name, data } of recordsOf(node)) {
      const left = (this.#byName.get(name) ?? []).filter((record) => record.data !== data);
      if (left.length > 0) this.#byName.set(name, left);
      else this.#byName.delete(name);
    }
  }

  /**
   * What the zone knows; undefined when it has nothing to say about the name, so that others are asked.
   * @param name in lower case, without a trailing dot
   * @param type as a number (RFC 1035, 3.2.2)
   */
  lookup(name: string, type: number): ZoneAnswer | undefined {
    const found: ZoneRecord[] = [];
    let at = name;
    for (let aliases = 0; aliases <= MAX_ALIASES; aliases++) {
      const records = this.#recordsAt(at);
      if (!records) {
        if (found.length > 0 && !this.#isOurs(at)) return { rcode: RCODE.noError, records: found, continueAt: at };
        return found.length > 0 ? { rcode: RCODE.noSuchName, records: found } : this.#absent(at);
      }
      const matching = records.filter((record) => type === TYPE.any || TYPE_NUMBERS[record.type] === type);
      const alias = records.find((record) => record.type === 'CNAME');
      if (matching.length > 0 || !alias) return { rcode: RCODE.noError, records: [...found, ...matching] };
      found.push(alias);
      at = alias.data.toLowerCase();
    }
    return { rcode: RCODE.noError, records: found };
  }

  #recordsAt(name: string): readonly ZoneRecord[] | undefined {
    const records = [...(this.#extra.get(name) ?? []), ...(this.#byName.get(name) ?? [])];
    if (records.length > 0) return records;
    return name !== '' && name === this.domain ? [] : undefined;
  }

  #absent(name: string): ZoneAnswer | undefined {
    return this.#isOurs(name) ? NO_SUCH_NAME : undefined;
  }

  #isOurs(name: string): boolean {
    if (this.domain !== '' && (name === this.domain || name.endsWith(`.${this.domain}`))) return true;
    const address = tryParseAddress(addressOfReverseName(name) ?? '');
    return address !== undefined && this.#prefixes.some((prefix) => prefixContainsAddress(prefix, address));
  }
}

function recordsOf({ dnsName, addresses }: NamedNode): ZoneRecord[] {
  const name = dnsName.toLowerCase();
  return addresses.flatMap((address): ZoneRecord[] => {
    const reverse = reverseName(address);
    if (reverse === undefined) return [];
    return [
      { name, type: address.includes(':') ? 'AAAA' : 'A', data: address },
      { name: reverse, type: 'PTR', data: name },
    ];
  });
}
