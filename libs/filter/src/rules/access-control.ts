import { prefixContains } from '#net';
import type { FilterRule, FilterSelf } from '../filter-rule.js';
import type { FlowKey } from '../packet/flow-key.js';
import type { PacketHeaders } from '../packet/headers.js';
import type { Verdict } from '../verdict.js';
import { AccessTable } from './access-table.js';
import type { CompiledRule } from './compiled-rule.js';
import { type HostAddress, hostAddress, isOneOf } from './host-address.js';
import type { PeerClass } from './peer-class.js';
import { PeerDirectory } from './peer-directory.js';
import type { PeerEntry } from './peer-entry.js';
import type { AddressClass } from './prefix-classes.js';
import { RuleIndex } from './rule-index.js';

/** Tables are made for what traffic asks for; a peer that tries many sources and destinations must not fill the memory. */
const MOST_TABLES_PER_CLASS = 1024;
/** Room for the destination class in the key of a table; the whole key stays an exact number. */
const DESTINATIONS = 2 ** 26;

/** Who may reach what by the rules alone, without any memory of packets. */
export class AccessControl {
  readonly peers = new PeerDirectory();
  readonly #rules = new RuleIndex();
  /** By the serials of their rules: peers of different classes that the same rules concern share one. */
  readonly #tables = new Map<string, AccessTable>();
  #self: readonly HostAddress[] = [];

  /** @throws NetfoldError `net.bad_address` */
  setSelf({ addresses, user }: FilterSelf): void {
    const parsed = addresses.map(hostAddress);
    for (const { prefix } of this.#self) this.#rules.destinations.remove(prefix);
    for (const { prefix } of parsed) this.#rules.destinations.add(prefix);
    this.#self = parsed;
    this.peers.setSelfUser(user);
    for (const peers of this.peers.classes()) peers.tables.clear();
  }

  /**
   * @returns whether anything changed
   * @throws NetfoldError see `RuleIndex.setRules`
   */
  setRules(rules: readonly FilterRule[]): boolean {
    const change = this.#rules.setRules(rules);
    if (!change) return false;
    for (const peers of this.peers.classes()) {
      const concerned =
        change.anyone || (change.sameUser && peers.sameUser) || peers.labels.some((label) => change.labels.has(label));
      if (!concerned) continue;
      peers.identityRules = undefined;
      peers.tables.clear();
    }
    this.#tables.clear();
    return true;
  }

  isSelf({ family, source }: PacketHeaders): boolean {
    return isOneOf(this.#self, family, source);
  }

  /** What lets the peer begin this flow, if anything does. The number of rules does not matter. */
  permits(peer: PeerEntry, { family, remote, local, protocol, localPort }: FlowKey): Verdict | undefined {
    const to = this.#rules.destinations.classOf(family, local);
    if (!to.prefix) return undefined;
    const from = this.#rules.sources.classOf(family, remote);
    const own = isOneOf(peer.addresses, family, remote);
    const key = (from.id * 2 + (own ? 1 : 0)) * DESTINATIONS + to.id;
    const table = peer.class.tables.get(key) ?? this.#addTable(peer.class, key, own, from, to);
    return table.at(protocol, localPort);
  }

  #addTable(peers: PeerClass, key: number, own: boolean, from: AddressClass, to: AddressClass): AccessTable {
    if (peers.tables.size >= MOST_TABLES_PER_CLASS) peers.tables.clear();
    const rules = this.#rulesFor(peers, own, from).filter((rule) => this.#reaches(rule, to));
    const serials = rules.map(({ serial }) => serial).join();
    const table = this.#tables.get(serials) ?? new AccessTable(rules);
    this.#tables.set(serials, table);
    peers.tables.set(key, table);
    return table;
  }

  #rulesFor(peers: PeerClass, own: boolean, from: AddressClass): CompiledRule[] {
    const rules = new Set(own ? this.#identityRules(peers) : this.#rules.fromAny);
    if (from.prefix) for (const rule of this.#rules.fromPrefixes) if (selects(rule, from)) rules.add(rule);
    const isOwners = own && peers.sameUser;
    return [...rules].filter(({ rule }) => !rule.sameUser || isOwners).sort((a, b) => a.serial - b.serial);
  }

  #identityRules(peers: PeerClass): readonly CompiledRule[] {
    peers.identityRules ??= [
      ...new Set([
        ...this.#rules.fromAny,
        ...(peers.sameUser ? this.#rules.fromSameUser : []),
        ...peers.labels.flatMap((label) => [...this.#rules.fromLabel(label)]),
      ]),
    ];
    return peers.identityRules;
  }

  #reaches({ to }: CompiledRule, { prefix }: AddressClass): boolean {
    if (!prefix) return false;
    return to ? prefixContains(to, prefix) : this.#self.some((own) => prefixContains(own.prefix, prefix));
  }
}

const selects = ({ fromPrefixes }: CompiledRule, { prefix }: AddressClass): boolean =>
  prefix !== undefined && fromPrefixes.some((selected) => prefixContains(selected, prefix));
