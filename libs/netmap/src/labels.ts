import { type Label, labelsOfSelector, type Rule, type Selector } from '#policy';

/** Every node bears it. */
export const EVERY_NODE: Label = '*';

const INTERNET: Label = 'autogroup:internet';

/** Whether a route may bear the label because of its prefix alone. */
export const isRouteLabel = (label: Label): boolean =>
  label === EVERY_NODE || label === INTERNET || label.startsWith('route:') || label.startsWith('where:');

/** Whether the selector chooses among the nodes of the other end's user. */
export const isSameUser = (selector: Selector): boolean =>
  selector.kind === 'where' ? isSameUser(selector.of) : selector.kind === 'same-user';

/** The labels that one must know of a node to tell whether it is selected; addresses are told in other ways. */
export function labelsNamedBy(selector: Selector): readonly Label[] {
  if (selector.kind === 'label') return [selector.label];
  if (selector.kind !== 'where') return [];
  const { label, of, within, except } = selector;
  return [label, ...[of, ...within, ...except].flatMap(labelsNamedBy)];
}

export const sendersOf = (rule: Rule): readonly Label[] => [...new Set(rule.src.flatMap(labelsOfSelector))];

export function receiversOf(rule: Rule): readonly Label[] {
  return rule.via.length === 0 ? labelsOfSelector(rule.dst) : detoursOf(rule).map((detour) => detour.label);
}

/** A destination that only routers with the tag `via` forward to, and the label of those of them who can. */
export interface Detour {
  readonly via: Label;
  readonly to: Label;
  readonly label: Label;
}

export const detoursOf = (rule: Rule): readonly Detour[] =>
  rule.via.flatMap((via) => labelsOfSelector(rule.dst).map((to) => ({ via, to, label: `${to} via ${via}` })));
