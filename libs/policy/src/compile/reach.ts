import { AddressSet } from '../address/address-set.js';
import type { Subject } from '../subject.js';
import type { Label, Rule, Selector } from './rule.js';
import { labelsOfSelector } from './selectors.js';
import { routedPart } from './where.js';

/** A node with its labels. */
export interface LabelledNode {
  readonly subject: Subject;
  readonly labels: ReadonlySet<Label>;
}

/** Whether a rule lets anything pass from one node (or the routes that it serves) to the other (or its routes). */
export function connects(rule: Rule, from: LabelledNode, to: LabelledNode): boolean {
  if (!rule.src.some((selector) => concerns(selector, from))) return false;
  if (!concerns(rule.dst, to)) return false;
  if (needsSameUser(rule.dst) && !sameUser(from.subject, to.subject)) return false;
  return rule.via.length === 0 || (carries(rule, to) && routesTo(rule.dst, to.subject));
}

/** Whether a selector may select an own address of the node, or one that it routes for. */
export const concerns = (selector: Selector, node: LabelledNode): boolean =>
  labelsOfSelector(selector).some((label) => node.labels.has(label));

/** Whether a selector may select one of the node's own addresses. */
export function concernsOwn(selector: Selector, { labels }: LabelledNode): boolean {
  if (isInternet(selector)) return false;
  const [own] = labelsOfSelector(selector);
  return own !== undefined && labels.has(own);
}

/** Whether it selects addresses of the internet, or some of them: no node has one of its own. */
const isInternet = (selector: Selector): boolean =>
  selector.kind === 'internet' || (selector.kind === 'where' && isInternet(selector.of));

export const needsSameUser = (selector: Selector): boolean =>
  selector.kind === 'same-user' || (selector.kind === 'where' && needsSameUser(selector.of));

/** Whether two nodes belong to the same person. Tagged nodes belong to no one. */
export const sameUser = (a: Subject, b: Subject): boolean =>
  a.user !== undefined && a.user === b.user && a.tags.length === 0 && b.tags.length === 0;

/** Whether a rule that asks for certain routers is content with this one. */
export const carries = (rule: Rule, router: LabelledNode): boolean =>
  rule.via.length === 0 || rule.via.some((tag) => router.labels.has(tag));

export const routesTo = (selector: Selector, subject: Subject): boolean =>
  (subject.routes ?? []).some((route) => overlapsRoute(selector, route));

/** Whether a selector selects some address of a route. */
export const overlapsRoute = (selector: Selector, route: string): boolean => !routedPart(selector, route).isEmpty;

/** The routes that are not exit routes. */
export const subnetsOf = (subject: Subject): readonly string[] => (subject.routes ?? []).filter((r) => !isExitRoute(r));

export const isExitRoute = (route: string): boolean => route === '0.0.0.0/0' || route === '::/0';

export const addressesOf = (subject: Subject): AddressSet => AddressSet.of(subject.addresses);
