import { AddressSet } from '../address/address-set.js';
import { INTERNET } from '../compile/where.js';
import type { AccessRule, Mention, Policy, PostureCondition } from '../language/policy.js';
import { DEFAULT_PROTOCOLS, hasPorts } from '../language/protocols.js';
import type { Directory, Subject } from '../subject.js';

/** A packet between two nodes, or what they forward for. */
export interface SlowPacket {
  readonly from: Subject;
  readonly fromAddress: string;
  readonly to: Subject;
  readonly toAddress: string;
  readonly protocol: number;
  readonly port: number;
}

/**
 * The slow, obvious meaning of a policy, straight from the rules of the file: a packet passes if some accept rule matches
 * it and no drop rule does. The compiled forms are held equal to this.
 */
export function slowlyAllows(policy: Policy, directory: Directory, packet: SlowPacket): boolean {
  const rules = policy.rules ?? [];
  const matches = (rule: AccessRule) => matchesRule(rule, policy, directory, packet);
  return (
    rules.some((rule) => rule.action === 'accept' && matches(rule)) &&
    !rules.some((rule) => rule.action === 'drop' && matches(rule))
  );
}

function matchesRule(rule: AccessRule, policy: Policy, directory: Directory, packet: SlowPacket): boolean {
  const { from, fromAddress, to, toAddress } = packet;
  const fromOwn = from.addresses.includes(fromAddress);
  const toOwn = to.addresses.includes(toAddress);
  const drops = rule.action === 'drop';
  if (!meetsPostures(rule, policy, from, fromOwn)) return false;
  const isSource = rule.src.some((mention) => {
    if (mention.text === '*') return drops || fromOwn || servesNarrowly(from, fromAddress);
    return names(mention, policy, directory, from, fromAddress, drops);
  });
  if (!isSource || (rule.via.length > 0 && (toOwn || !rule.via.some(({ text }) => to.tags.includes(text)))))
    return false;
  return rule.dst.some(({ to: mention, services }) => {
    if (!services.some((service) => passes(service, packet, drops))) return false;
    if (mention.target.kind === 'wildcard') return rule.via.length === 0;
    if (mention.target.kind === 'autogroup' && mention.target.name === 'autogroup:self') {
      return fromOwn && toOwn && from.user !== undefined && from.user === to.user;
    }
    return names(mention, policy, directory, to, toAddress, drops);
  });
}

function passes(
  { protocols, ports }: AccessRule['dst'][number]['services'][number],
  { protocol, port }: SlowPacket,
  drops: boolean,
): boolean {
  if (!(protocols.length > 0 ? protocols : DEFAULT_PROTOCOLS).includes(protocol)) return false;
  if (hasPorts(protocol)) return ports.some(({ first, last }) => first <= port && port <= last);
  return !drops || ports.some(({ first, last }) => first === 0 && last === 65_535);
}

/** Whether a name means this address of, or behind, this node. */
function names(
  { target }: Mention,
  policy: Policy,
  directory: Directory,
  node: Subject,
  address: string,
  drops: boolean,
): boolean {
  const own = node.addresses.includes(address);
  const user = node.tags.length > 0 ? undefined : node.user;
  const inSome = (prefixes: readonly string[]) =>
    prefixes.some((prefix) => isWithin(prefix, address)) &&
    (drops || own || servesNarrowly(node, address) || isPublic(address));
  switch (target.kind) {
    case 'wildcard':
      return true;
    case 'user':
      return own && user === target.name;
    case 'domain':
      return own && user?.endsWith(`@${target.name}`) === true;
    case 'group':
      return own && user !== undefined && (policy.groups.get(target.name) ?? []).includes(user);
    case 'tag':
      return own && node.tags.includes(target.name);
    case 'host':
      return inSome([policy.hosts.get(target.name) ?? '']);
    case 'ipset':
      return inSome(policy.ipsets.get(target.name) ?? []);
    case 'addresses':
      return inSome(target.prefixes);
    case 'autogroup':
      if (target.name === 'autogroup:danger-all') return true;
      if (target.name === 'autogroup:internet') return !own && !servesNarrowly(node, address) && isPublic(address);
      if (target.name === 'autogroup:tagged') return own && node.tags.length > 0;
      if (target.name === 'autogroup:member') return own && user !== undefined;
      return own && user !== undefined && target.name === `autogroup:${directory.roleOf(user)}`;
  }
}

/** Whether the node serves the address by a subnet route. */
export const servesNarrowly = (node: Subject, address: string): boolean =>
  (node.routes ?? []).some((route) => !route.endsWith('/0') && isWithin(route, address));

/** Worlds are small: each question is answered once. */
const answers = new Map<string, boolean>();

export function isWithin(prefix: string, address: string): boolean {
  const key = `${prefix} ${address}`;
  const known = answers.get(key) ?? AddressSet.of([prefix]).has(address);
  answers.set(key, known);
  return known;
}

const INTERNET_PREFIXES = INTERNET.prefixes();
export const isPublic = (address: string): boolean => INTERNET_PREFIXES.some((prefix) => isWithin(prefix, address));

function meetsPostures(rule: AccessRule, policy: Policy, from: Subject, fromOwn: boolean): boolean {
  const asked = rule.srcPosture.length > 0 || rule.action === 'drop' ? rule.srcPosture : policy.defaultSrcPosture;
  if (asked.length === 0) return true;
  return fromOwn && asked.some(({ text }) => (policy.postures.get(text) ?? []).every((c) => meets(c, from)));
}

/** Only the two conditions that `randomPolicy` writes. */
function meets({ attribute }: PostureCondition, { attributes }: Subject): boolean {
  return attribute === 'node:os' ? attributes?.['node:os'] === 'linux' : attributes?.['node:osVersion'] === '2.10.1';
}
