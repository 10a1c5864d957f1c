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
export function permits(rule: Rule, { from, to, protocol, port }: Packet): boolean {
  if (rule.ports.length === 0 || !protocolsOf(rule).includes(protocol)) return false;
  if (hasPorts(protocol) && !rule.ports.some(({ first, last }) => first <= port && port <= last)) return false;
  if (!rule.src.some((selector) => selectsSource(selector, from)) || !selects(rule.dst, to)) return false;
  if (needsSameUser(rule.dst) && (from.user === undefined || from.user !== to.user || !from.own)) return false;
  return rule.via.length === 0 || (!to.own && rule.via.some((tag) => to.labels.has(tag)));
}
