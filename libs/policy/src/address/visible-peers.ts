import {
  carries,
  concerns,
  concernsOwn,
  connects,
  isExitRoute,
  type LabelledNode,
  needsSameUser,
  overlapsRoute,
  sameUser,
  subnetsOf,
} from '../compile/reach.js';
import type { Rule } from '../compile/rule.js';
import type { NetworkView } from './network-view.js';

/** A peer that a node sees, with the routes that it may reach through it. */
export interface VisiblePeer {
  readonly id: string;
  readonly routes: readonly string[];
}

/** Whether the policy lets either of two nodes reach the other, or what the other routes for. */
export const seeEachOther = (rules: readonly Rule[], a: LabelledNode, b: LabelledNode): boolean =>
  rules.some((rule) => connects(rule, a, b) || connects(rule, b, a));

/** The peers of one node. Routes are those that the policy lets through; which router is primary is not its business. */
export function visiblePeers(view: NetworkView, id: string): VisiblePeer[] {
  const viewer = view.node(id);
  if (!viewer) return [];
  const { rules } = view.compiled;
  return view.nodes
    .filter((peer) => peer !== viewer && seeEachOther(rules, viewer, peer))
    .map((peer) => ({
      id: peer.subject.id,
      routes: (peer.subject.routes ?? []).filter((route) => rules.some((rule) => opens(rule, viewer, peer, route))),
    }));
}

/** Whether a rule makes one node need a route of another: to send into it, or to answer what comes out of it. */
export function opens(rule: Rule, viewer: LabelledNode, router: LabelledNode, route: string): boolean {
  const into = carries(rule, router) && overlapsRoute(rule.dst, route);
  if (into && rule.src.some((selector) => concerns(selector, viewer))) return true;
  if (isExitRoute(route) || rule.via.length > 0) return false;
  if (!rule.src.some((selector) => overlapsRoute(selector, route))) return false;
  if (needsSameUser(rule.dst)) return sameUser(viewer.subject, router.subject);
  return concernsOwn(rule.dst, viewer) || subnetsOf(viewer.subject).some((own) => overlapsRoute(rule.dst, own));
}
