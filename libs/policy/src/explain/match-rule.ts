import type { Packet, PacketEnd } from '../compile/permits.js';
import { postureNames, postureSelector } from '../compile/postures.js';
import { targetSelectors } from '../compile/selectors.js';
import { protocolsOf } from '../compile/services.js';
import { selects, selectsSource } from '../compile/where.js';
import type { AccessRule, Mention, Policy, Service } from '../language/policy.js';
import { formatPorts } from '../language/ports.js';
import { hasPorts, protocolName } from '../language/protocols.js';

/** How far a rule of the file matches a packet. */
export interface RuleMatch {
  /** 0: it matches. The larger, the farther from it: a wrong port is nearer than a wrong destination or source. */
  readonly missing: number;
  readonly because: string;
}

/** What it costs to lack each part: people ask about a destination, so a rule about another one is the farthest off. */
const COST = { source: 4, destination: 8, posture: 2, via: 2, protocol: 1, port: 1 };

/** Says through which names a rule of the file matches a packet, or what keeps it from it. */
export function matchRule(rule: AccessRule, policy: Policy, packet: Packet): RuleMatch {
  const src = rule.src.find((mention) => isSource(mention, policy, packet.from));
  const reached = rule.dst.filter(({ to }) => isDestination(to, policy, packet));
  const lacks: [number, string][] = [];
  if (!src) lacks.push([COST.source, `its src (${texts(rule.src)}) does not include the source`]);
  const posture = missingPosture(rule, policy, packet.from);
  if (posture) lacks.push([COST.posture, `the source does not meet ${posture}`]);
  if (reached.length === 0) {
    lacks.push([COST.destination, `its dst (${texts(rule.dst.map(({ to }) => to))}) does not include the destination`]);
  } else
    lacks.push(
      ...serviceLack(
        reached.flatMap(({ services }) => services),
        packet,
      ),
    );
  const via = rule.via.map(({ text }) => text);
  if (via.length > 0 && !via.some((tag) => !packet.to.own && packet.to.labels.has(tag))) {
    lacks.push([COST.via, `it is about what ${via.join(' or ')} routes to`]);
  }
  if (lacks.length > 0 || !src) {
    return {
      missing: lacks.reduce((sum, [cost]) => sum + cost, 0),
      because: lacks.map(([, why]) => why).join(', and '),
    };
  }
  const verb = rule.action === 'drop' ? 'may not reach' : 'may reach';
  return { missing: 0, because: `${membership(src, packet.from)} ${verb} ${texts(reached.map(({ to }) => to))}` };
}

const texts = (mentions: readonly Mention[]): string => mentions.map(({ text }) => text).join(', ');

/** `group:eng (ann@example.com is in it)`, or just the name where it says all. */
function membership({ target, text }: Mention, { user, labels }: PacketEnd): string {
  if (target.kind === 'user' || target.kind === 'wildcard' || target.kind === 'addresses') return text;
  const who = user ?? [...labels].find((label) => label.startsWith('tag:') && label !== text);
  return who === undefined ? text : `${text} (which holds ${who})`;
}

const isSource = ({ target }: Mention, policy: Policy, from: PacketEnd): boolean =>
  targetSelectors(target, policy).some((selector) => selectsSource(selector, from));

function isDestination({ target }: Mention, policy: Policy, { from, to }: Packet): boolean {
  return targetSelectors(target, policy).some((selector) =>
    selector.kind === 'same-user'
      ? from.own && to.own && from.user !== undefined && from.user === to.user
      : selects(selector, to),
  );
}

function missingPosture(rule: AccessRule, policy: Policy, { labels }: PacketEnd): string | undefined {
  const isOwnChoice = rule.srcPosture.length > 0 || rule.action === 'drop';
  const asked = isOwnChoice ? rule.srcPosture : policy.defaultSrcPosture;
  const selector = postureSelector(asked.map(({ text }) => text));
  if (asked.length === 0 || selector.kind !== 'label' || labels.has(selector.label)) return undefined;
  return postureNames(selector.label)?.join(' or ');
}

function serviceLack(services: readonly Service[], { protocol, port }: Packet): [number, string][] {
  const spoken = services.filter((service) => protocolsOf(service).includes(protocol));
  if (services.length > 0 && spoken.length === 0) {
    const names = [...new Set(services.flatMap(protocolsOf))].map(protocolName).join(', ');
    return [[COST.protocol, `it is about ${names}, not ${protocolName(protocol)}`]];
  }
  const ranges = spoken.flatMap(({ ports }) => ports);
  if (services.length === 0) return [[COST.port, 'it grants capabilities and lets no packets through']];
  if (!hasPorts(protocol) || ranges.some(({ first, last }) => first <= port && port <= last)) return [];
  return [[COST.port, `it opens ${ranges.map(formatPorts).join(', ')}, not ${port}`]];
}
