import {
  addressesOf,
  carries,
  isExitRoute,
  type LabelledNode,
  needsSameUser,
  sameUser,
  subnetsOf,
} from '../compile/reach.js';
import type { Capabilities, PortRange, Rule, Selector } from '../compile/rule.js';
import { INTERNET, routedPart, selects } from '../compile/where.js';
import { AddressSet } from './address-set.js';
import type { NetworkView } from './network-view.js';

/** The reference's own form of an inbound packet filter: addresses instead of identities (tailcfg.FilterRule). */
export interface FilterRule {
  readonly SrcIPs: readonly string[];
  readonly DstPorts?: readonly {
    readonly IP: string;
    readonly Ports: { readonly First: number; readonly Last: number };
  }[];
  /** Absent: the default protocols. */
  readonly IPProto?: readonly number[];
  readonly CapGrant?: readonly { readonly Dsts: readonly string[]; readonly CapMap: CapMap }[];
}

type CapMap = Readonly<Record<string, readonly unknown[] | null>>;

/** The capabilities whose holder must know of it: the source gets the second when the destination grants the first. */
const COMPANIONS: readonly (readonly [granted: string, companion: string])[] = [
  ['tailscale.com/cap/drive', 'tailscale.com/cap/drive-sharer'],
  ['tailscale.com/cap/relay', 'tailscale.com/cap/relay-target'],
];

/** The inbound filter of one node, as the reference would send it. */
export function toPacketFilter(view: NetworkView, id: string): FilterRule[] {
  const node = view.node(id);
  if (!node) return [];
  const merged = new Map<string, MergedRule>();
  const capabilities: FilterRule[] = [];
  for (const rule of view.compiled.rules) {
    if (rule.capabilities) capabilities.push(...capabilityRules(view, rule, rule.capabilities, node));
    else addPortRule(merged, view, rule, node);
  }
  const ports = [...merged.values()].map(({ SrcIPs, DstPorts, IPProto }) => ({
    SrcIPs,
    DstPorts,
    ...(IPProto.length > 0 && { IPProto }),
  }));
  return [...ports, ...capabilities];
}

interface MergedRule {
  readonly SrcIPs: readonly string[];
  readonly DstPorts: NonNullable<FilterRule['DstPorts']>[number][];
  readonly IPProto: readonly number[];
}

/** Rules with the same sources and protocols become one. */
function addPortRule(merged: Map<string, MergedRule>, view: NetworkView, rule: Rule, node: LabelledNode): void {
  const destinations = carries(rule, node) ? destinationsAt(view, rule, node) : [];
  const sources = destinations.length > 0 ? sourceTexts(view, rule, node) : [];
  if (sources.length === 0) return;
  const key = JSON.stringify([sources, rule.protocols]);
  const known = merged.get(key) ?? { SrcIPs: sources, DstPorts: [], IPProto: rule.protocols };
  merged.set(key, known);
  for (const IP of destinations) known.DstPorts.push(...rule.ports.map((range) => ({ IP, Ports: toPorts(range) })));
}

const toPorts = ({ first, last }: PortRange) => ({ First: first, Last: last });

/** The texts of a rule's destination as far as it lies at this node: its own addresses, and what it forwards to. */
function destinationsAt(view: NetworkView, rule: Rule, node: LabelledNode): string[] {
  const { dst } = rule;
  const forwards = rule.via.length > 0;
  if (dst.kind === 'any' || dst.kind === 'everything') return ['*'];
  if (dst.kind === 'internet') return isExitNode(node) ? INTERNET.prefixes() : [];
  if (dst.kind === 'prefix') return prefixAt(dst.prefix, node, forwards);
  const own = forwards ? [] : ownAddresses(dst, node);
  return dst.kind === 'where' ? [...own, ...forwardedTexts(view, dst, node)] : own;
}

/** A prefix is named whole where any of it lies at the node; at an exit node, what of it is on the internet. */
function prefixAt(prefix: string, node: LabelledNode, forwards: boolean): string[] {
  const set = AddressSet.of([prefix]);
  const isOwn = !forwards && set.overlaps(addressesOf(node.subject));
  const isServed = subnetsOf(node.subject).some((route) => set.overlaps(AddressSet.of([route])));
  if (isOwn || isServed) return set.texts();
  return isExitNode(node) ? set.and(INTERNET).texts() : [];
}

const ownAddresses = (selector: Selector, { subject, labels }: LabelledNode): string[] =>
  subject.addresses.filter((address) => selects(selector, { address, own: true, labels }));

const isExitNode = (node: LabelledNode): boolean => (node.subject.routes ?? []).some(isExitRoute);

/** What a `where` selector leaves of the routes that a node serves. The tailnet's own addresses are never forwarded to. */
function forwardedTexts(view: NetworkView, dst: Selector, node: LabelledNode): string[] {
  const parts = (node.subject.routes ?? []).map((route) => routedPart(dst, route, 'passed'));
  return AddressSet.union(parts).minus(view.tailnet).minus(addressesOf(node.subject)).texts();
}

/** The sources of a rule towards this node. */
function sourceTexts(view: NetworkView, rule: Rule, node: LabelledNode): string[] {
  if (needsSameUser(rule.dst)) return sameUserSources(view, rule, node).texts();
  if (rule.src.some(({ kind }) => kind === 'everything')) return ['*'];
  const named = rule.src.filter(({ kind }) => kind !== 'any').map((selector) => view.sourceAddresses(selector));
  if (named.length === rule.src.length) return AddressSet.union(named).texts();
  // With "*", the reference keeps what else is named beside it, and the subnets one by one.
  const texts = AddressSet.union([view.tailnet, ...named]).texts();
  return [...new Set([...texts, ...view.subnets, ...named.flatMap((set) => set.texts())])];
}

/** The addresses of the node's user's own devices, as far as the rule names them as sources. */
function sameUserSources(view: NetworkView, rule: Rule, node: LabelledNode): AddressSet {
  const devices = view.nodes.filter(({ subject }) => sameUser(subject, node.subject));
  return AddressSet.of(devices.flatMap((device) => rule.src.flatMap((selector) => ownAddresses(selector, device))));
}

/** The capability itself at its destination, and what goes with it at its source. */
function capabilityRules(view: NetworkView, rule: Rule, granted: Capabilities, node: LabelledNode): FilterRule[] {
  if (rule.via.length > 0) return []; // no router could honour it: the reference gives the route and nothing else
  const rules: FilterRule[] = [];
  const sources = sourceTexts(view, rule, node);
  const at = capabilityPrefixes(view, [rule.dst], node, rule);
  if (at.length > 0) rules.push({ SrcIPs: sources, CapGrant: [{ Dsts: at, CapMap: granted }] });
  for (const [capability, companion] of COMPANIONS) {
    if (!(capability in granted)) continue;
    const back = capabilityPrefixes(view, rule.src, node, rule);
    const from = companionSources(view, rule, node);
    if (back.length > 0) rules.push({ SrcIPs: from, CapGrant: [{ Dsts: back, CapMap: { [companion]: null } }] });
  }
  return rules;
}

/** Those of the node's own addresses that are selected, and the prefixes that reach into the routes it serves. */
function capabilityPrefixes(
  view: NetworkView,
  selectors: readonly Selector[],
  node: LabelledNode,
  rule: Rule,
): string[] {
  const prefixes = new Set<string>();
  for (const selector of selectors) {
    for (const address of node.subject.addresses) {
      const self = needsSameUser(rule.dst) && node.subject.user === undefined;
      if (!self && selects(selector, { address, own: true, labels: node.labels })) {
        prefixes.add(`${address}/${address.includes(':') ? 128 : 32}`);
      }
    }
    if (selector.kind !== 'prefix') continue;
    const set = view.sourceAddresses(selector);
    if (subnetsOf(node.subject).some((route) => set.overlaps(AddressSet.of([route])))) prefixes.add(selector.prefix);
  }
  return [...prefixes];
}

function companionSources(view: NetworkView, rule: Rule, node: LabelledNode): string[] {
  if (needsSameUser(rule.dst)) return sameUserSources(view, rule, node).texts();
  if (rule.dst.kind === 'any') return [...new Set([...view.tailnet.texts(), ...view.subnets])];
  return view.sourceAddresses(rule.dst).texts();
}
