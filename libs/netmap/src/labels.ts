import { type Label, labelsOfSelector, type Rule, type Selector } from '#policy';

/** Parties that the policy cannot tell apart bear the same labels. */
export interface Party {
  /** Canonical for the labels. */
  readonly id: string;
  /** Sorted, without duplicates. */
  readonly labels: readonly Label[];
}

/** Labels contain no line feed: the policy language has no way to write one. */
export function partyOf(labels: ReadonlySet<Label>): Party {
  const sorted = [...labels].sort();
  return { id: sorted.join('\n'), labels: sorted };
}

export const bearsAny = (party: Party, labels: ReadonlySet<Label>): boolean =>
  party.labels.some((label) => labels.has(label));

const baseOf = (selector: Selector): Selector => (selector.kind === 'where' ? baseOf(selector.of) : selector);

/** Whether the rule is for pairs of nodes of the same user only. */
export const isAmongOwn = (rule: Rule): boolean => baseOf(rule.dst).kind === 'same-user';

/**
 * Whether the receivers under a rule must know the routes that its senders may be behind. Exit nodes answer to what
 * they translated; routers that a rule chooses forward one way.
 */
export const isTwoWay = ({ dst, via }: Rule): boolean =>
  via.length === 0 && !['same-user', 'internet'].includes(baseOf(dst).kind);

/** The labels that one must know of a node to tell whether it is selected; addresses are told in other ways. */
export function labelsNamedBy(selector: Selector): readonly Label[] {
  if (selector.kind === 'label') return [selector.label];
  if (selector.kind !== 'where') return [];
  const { label, of, within, except } = selector;
  return [label, ...[of, ...within, ...except].flatMap(labelsNamedBy)];
}

/** The labels of the nodes that may send under a rule. */
export const sendersOf = (rule: Rule): readonly Label[] => [...new Set(rule.src.flatMap(labelsOfSelector))];

/** The labels of the nodes that may receive under a rule, and of the routes that it leads into. */
export const receiversOf = (rule: Rule): readonly Label[] =>
  rule.via.length === 0 ? labelsOfSelector(rule.dst) : detoursOf(rule).map((detour) => detour.label);

/** A destination that only routers with the tag `via` forward to, and the label of those who do. */
export interface Detour {
  readonly via: Label;
  readonly to: Label;
  readonly label: Label;
}

export const detoursOf = (rule: Rule): readonly Detour[] =>
  rule.via.flatMap((via) => labelsOfSelector(rule.dst).map((to) => ({ via, to, label: `${to} via ${via}` })));

const ORIGIN = 'from ';

/** A route may be where packets go and where they come from; this is its label as the latter. */
export const originLabel = (label: Label): Label => ORIGIN + label;

export const isOriginLabel = (label: Label): boolean => label.startsWith(ORIGIN);

/** Inverse of `originLabel`. */
export const labelOfOrigin = (label: Label): Label => label.slice(ORIGIN.length);

/** Whether a route may bear the label because of its prefix alone. */
export const isRouteLabel = (label: Label): boolean =>
  label === '*' || label === 'autogroup:internet' || label.startsWith('route:') || label.startsWith('where:');
