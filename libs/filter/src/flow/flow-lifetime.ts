import { ICMP, ICMPV6, TCP, TCP_FLAG } from '../packet/protocol-numbers.js';
import type { Flow, Initiator } from './flow.js';

const SECOND = 1000;

/** How long a flow without packets is remembered, in milliseconds. */
export const LIFETIME = {
  /** RFC 5382, REQ-5: a connection at rest, at least 2 hours and 4 minutes. */
  tcpEstablished: 7_440 * SECOND,
  /** RFC 5382, REQ-5: a connection that begins or ends, at least 4 minutes. */
  tcpTransitory: 240 * SECOND,
  /** After a reset nothing may follow; this covers what is still under way. */
  tcpReset: 10 * SECOND,
  /** RFC 4787, REQ-5: at least 2 minutes, 5 recommended; the latter once both sides have spoken. */
  oneWay: 120 * SECOND,
  bothWays: 300 * SECOND,
  /** RFC 5508, REQ-1: at least 60 seconds. */
  icmp: 60 * SECOND,
} as const;

const SEEN = { self: 1, peer: 2, selfEnded: 4, peerEnded: 8, reset: 16 } as const;

/** Takes note of one packet of the flow, and when the flow is to be forgotten without another. */
export function notePacket(flow: Flow, now: number, sender: Initiator, tcpFlags: number): void {
  if (flow.key.protocol === TCP && tcpFlags & TCP_FLAG.syn && !(tcpFlags & TCP_FLAG.ack)) flow.seen = 0;
  flow.seen |= sender === 'self' ? SEEN.self : SEEN.peer;
  if (tcpFlags & TCP_FLAG.fin) flow.seen |= sender === 'self' ? SEEN.selfEnded : SEEN.peerEnded;
  if (tcpFlags & TCP_FLAG.rst) flow.seen |= SEEN.reset;
  flow.expires = now + lifetimeOf(flow);
  flow.lastSeen = now;
  flow.taken = false;
}

/** Whether nobody has answered the one who began it. */
export const unanswered = (flow: Flow): boolean => flow.seen === (flow.initiator === 'self' ? SEEN.self : SEEN.peer);

function lifetimeOf({ seen, key }: Flow): number {
  const both = has(seen, SEEN.self | SEEN.peer);
  if (key.protocol === ICMP || key.protocol === ICMPV6) return LIFETIME.icmp;
  if (key.protocol !== TCP) return both ? LIFETIME.bothWays : LIFETIME.oneWay;
  if (has(seen, SEEN.reset)) return LIFETIME.tcpReset;
  const ended = has(seen, SEEN.selfEnded | SEEN.peerEnded);
  return both && !ended ? LIFETIME.tcpEstablished : LIFETIME.tcpTransitory;
}

const has = (seen: number, bits: number): boolean => (seen & bits) === bits;
