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

/** A peer that a node sees. */
export interface VisiblePeer {
  readonly id: string;
  /** The routes that the node may reach through it, exit routes included. */
  readonly routes: readonly string[];
}

/** Prefix → the id of the router that is its primary, of those that serve it. */
export type Primaries = ReadonlyMap<string, string>;

/** Whether the policy lets either of two nodes reach the other, or what the other routes for. */
export const seeEachOther = (rules: readonly Rule[], a: LabelledNode, b: LabelledNode): boolean =>
  rules.some((rule) => connects(rule, a, b) || connects(rule, b, a));

/** The peers of one node. Of the routers that the policy offers it for a prefix, it is shown one: the primary, if it can be. */
export function visiblePeers(view: NetworkView, id: string, primaries: Primaries): VisiblePeer[] {
  const viewer = view.node(id);
  if (!viewer) return [];
  const { rules } = view.compiled;
  const peers = view.nodes.filter((peer) => peer !== viewer && seeEachOther(rules, viewer, peer));
  const shown = new Map(peers.map((peer) => [peer, shownRoutes(rules, viewer, peer)]));
  const offered = new Map<string, LabelledNode[]>();
  for (const [peer, routes] of shown) {
    for (const route of routes) offered.set(route, [...(offered.get(route) ?? []), peer]);
  }
  const isShown = (peer: LabelledNode, route: string) =>
    isExitRoute(route) || electRouter(offered.get(route) ?? [], viewer, primaries.get(route)) === peer;
  return peers.map((peer) => ({
    id: peer.subject.id,
    routes: (shown.get(peer) ?? []).filter((route) => isShown(peer, route)),
  }));
}

/** A router of the same prefix sees the primary's route too: it is the one that stands in for it. */
function shownRoutes(rules: readonly Rule[], viewer: LabelledNode, peer: LabelledNode): string[] {
  const own = subnetsOf(viewer.subject);
  return (peer.subject.routes ?? []).filter(
    (route) => own.includes(route) || rules.some((rule) => opens(rule, viewer, peer, route)),
  );
}

/** The primary, when the viewer is offered it or is it; else the first of those that it is offered. */
function electRouter(offered: readonly LabelledNode[], viewer: LabelledNode, primary: string | undefined) {
  if (viewer.subject.id === primary) return viewer;
  return offered.find(({ subject }) => subject.id === primary) ?? offered[0];
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
