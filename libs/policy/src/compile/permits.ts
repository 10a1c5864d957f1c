import { hasPorts } from '../language/protocols.js';
import { needsSameUser } from './reach.js';
import type { Rule } from './rule.js';
import { protocolsOf } from './services.js';
import { type Endpoint, selects, selectsSource } from './where.js';

/** One end of a packet, with the user of the node (undefined for tagged nodes). */
export interface PacketEnd extends Endpoint {
  readonly user?: string | undefined;
}

export interface Packet {
  readonly from: PacketEnd;
  /** When the address is not the node's own, the node is the router that forwards to it. */
  readonly to: PacketEnd;
  /** IANA number. */
  readonly protocol: number;
  /** The destination port; of no account for protocols without ports. */
  readonly port: number;
}

/**
 * Whether a rule lets the first packet of a flow pass. Protocols without ports pass whatever the rule's ports are. This is
 * the meaning of rules, packet by packet; who has many packets to decide builds tables out of it.
 */
export const permits = (rule: Rule, { from, to, protocol, port }: Packet): boolean =>
  carries(rule, protocol, port) && joins(rule, from, to);

/** Whether a rule lets this protocol and port pass between anyone. */
export function carries(rule: Rule, protocol: number, port: number): boolean {
  if (rule.ports.length === 0 || !protocolsOf(rule).includes(protocol)) return false;
  return !hasPorts(protocol) || rule.ports.some(({ first, last }) => first <= port && port <= last);
}

/** Whether a rule lets anything pass between these ends. */
export const joins = (rule: Rule, from: PacketEnd, to: PacketEnd): boolean =>
  leaves(rule, from) && arrives(rule, to) && (!needsSameUser(rule.dst) || from.user === to.user);

/** Whether a rule lets anything pass from this end. */
export function leaves(rule: Rule, from: PacketEnd): boolean {
  if (needsSameUser(rule.dst) && (from.user === undefined || !from.own)) return false;
  return rule.src.some((selector) => selectsSource(selector, from));
}

/** Whether a rule lets anything pass to this end. */
export const arrives = (rule: Rule, to: PacketEnd): boolean =>
  selects(rule.dst, to) && (rule.via.length === 0 || (!to.own && rule.via.some((tag) => to.labels.has(tag))));

/** One source of each kind that these rules tell apart: whatever they let pass from it, they let pass from the others. */
export const distinctSources = (rules: readonly Rule[], ends: readonly PacketEnd[]): PacketEnd[] =>
  distinct(rules, ends, leaves);

/** One destination of each kind that these rules tell apart. */
export const distinctDestinations = (rules: readonly Rule[], ends: readonly PacketEnd[]): PacketEnd[] =>
  distinct(rules, ends, arrives);

function distinct(
  rules: readonly Rule[],
  ends: readonly PacketEnd[],
  concerns: (rule: Rule, end: PacketEnd) => boolean,
): PacketEnd[] {
  const kinds = new Map<string, PacketEnd>();
  for (const end of ends) {
    const concerned = rules.filter((rule) => concerns(rule, end));
    const user = concerned.some(({ dst }) => needsSameUser(dst)) ? end.user : undefined;
    const kind = JSON.stringify([user, concerned.map(({ id }) => id)]);
    if (!kinds.has(kind)) kinds.set(kind, end);
  }
  return [...kinds.values()];
}
