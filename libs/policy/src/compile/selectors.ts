import { type Prefix, parsePrefix, prefixContains, prefixesOverlap } from '#net';
import type { Mention, Policy, Target } from '../language/policy.js';
import { contentHash } from './content-hash.js';
import type { Label, Selector } from './rule.js';

export const ANY: Selector = { kind: 'any' };

/** The label of every node, and of those that route to the internet. */
export const ANY_LABEL: Label = '*';
export const INTERNET_LABEL: Label = 'autogroup:internet';
export const MEMBER_LABEL: Label = 'autogroup:member';

export const addressLabel = (prefix: string): Label => `ip:${prefix}`;
export const routeLabel = (prefix: string): Label => `route:${prefix}`;

/** What a target of the language selects; an address range or IP set is several prefixes. */
export function targetSelectors(target: Target, policy: Policy): Selector[] {
  switch (target.kind) {
    case 'wildcard':
      return [ANY];
    case 'user':
      return [{ kind: 'label', label: `user:${target.name}` }];
    case 'domain':
      return [{ kind: 'label', label: `user:*@${target.name}` }];
    case 'group':
    case 'tag':
      return [{ kind: 'label', label: target.name }];
    case 'autogroup':
      return [autogroupSelector(target.name)];
    case 'host':
      return prefixSelectors([policy.hosts.get(target.name) ?? []].flat());
    case 'ipset':
      return setSelectors(policy.ipsets.get(target.name) ?? []);
    case 'addresses':
      return prefixSelectors(target.prefixes);
  }
}

export const mentionSelectors = (mentions: readonly Mention[], policy: Policy): Selector[] =>
  mentions.flatMap(({ target }) => targetSelectors(target, policy));

const prefixSelectors = (prefixes: readonly string[]): Selector[] =>
  prefixes.map((prefix) => ({ kind: 'prefix', prefix }));

const ofSets = new WeakMap<readonly string[], Selector[]>();

/** Made once per IP set, however many rules name it. */
function setSelectors(prefixes: readonly string[]): Selector[] {
  const selectors = ofSets.get(prefixes) ?? prefixSelectors(prefixes);
  ofSets.set(prefixes, selectors);
  return selectors;
}

function autogroupSelector(name: string): Selector {
  if (name === 'autogroup:self') return { kind: 'same-user' };
  if (name === 'autogroup:internet') return { kind: 'internet' };
  return name === 'autogroup:danger-all' ? { kind: 'everything' } : { kind: 'label', label: name };
}

/** `of`, as far as each of `within` and none of `except` selects it too. */
export function where(of: Selector, within: readonly Selector[], except: readonly Selector[]): Selector {
  if (within.length === 0 && except.length === 0) return of;
  const base = of.kind === 'where' ? of : { of, within: [], except: [] };
  const parts = { of: base.of, within: [...base.within, ...within], except: [...base.except, ...except] };
  return { kind: 'where', label: `where:${contentHash(JSON.stringify(parts))}`, ...parts };
}

/**
 * The labels of the nodes that a selector may concern: exactly those whose own addresses it may select (all but
 * `route:…` and `autogroup:internet`), and those that route for it. `same-user` concerns only nodes of the other
 * end's user among those that it names.
 */
export function labelsOfSelector(selector: Selector): readonly Label[] {
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return [ANY_LABEL];
    case 'prefix':
      return [addressLabel(selector.prefix), routeLabel(selector.prefix)];
    case 'internet':
      return [INTERNET_LABEL];
    case 'same-user':
      return [MEMBER_LABEL];
    default:
      return [selector.label];
  }
}

type PrefixSelector = Extract<Selector, { kind: 'prefix' }>;

const prefixes = new WeakMap<PrefixSelector, Prefix>();

/** Read once per selector: every accept rule is compared with every drop rule. */
function parsed(selector: PrefixSelector): Prefix {
  const known = prefixes.get(selector);
  if (known) return known;
  const prefix = parsePrefix(selector.prefix);
  prefixes.set(selector, prefix);
  return prefix;
}

/** Whether everything that `inner` selects is surely selected by `outer`. */
export function covers(outer: Selector, inner: Selector): boolean {
  if (outer.kind === 'any' || outer.kind === 'everything') return true;
  if (inner.kind === 'where') {
    return [inner.of, ...inner.within].some((part) => covers(outer, part)) || sameSelector(outer, inner);
  }
  if (outer.kind === 'where') {
    return outer.within.length === 0 && covers(outer.of, inner) && outer.except.every((part) => disjoint(part, inner));
  }
  if (outer.kind === 'prefix' && inner.kind === 'prefix') {
    return prefixContains(parsed(outer), parsed(inner));
  }
  if (outer.kind === 'label' && inner.kind === 'label') return labelCovers(outer.label, inner.label);
  if (outer.kind === 'label' && inner.kind === 'same-user') return outer.label === MEMBER_LABEL;
  return sameSelector(outer, inner);
}

function labelCovers(outer: Label, inner: Label): boolean {
  if (outer === inner) return true;
  if (outer === 'autogroup:tagged') return inner.startsWith('tag:');
  if (outer.startsWith('user:*@')) return inner.startsWith('user:') && inner.endsWith(outer.slice('user:*'.length));
  return false;
}

function sameSelector(a: Selector, b: Selector): boolean {
  if (a.kind === 'prefix' && b.kind === 'prefix') return a.prefix === b.prefix;
  if ('label' in a && 'label' in b) return a.label === b.label;
  return a.kind === b.kind && !('label' in a) && a.kind !== 'prefix';
}

/** Whether the two surely have nothing in common. */
export function disjoint(a: Selector, b: Selector): boolean {
  if (a.kind === 'where') {
    return [a.of, ...a.within].some((part) => disjoint(part, b)) || a.except.some((part) => covers(part, b));
  }
  if (b.kind === 'where') return disjoint(b, a);
  if (a.kind === 'prefix' && b.kind === 'prefix') return !prefixesOverlap(parsed(a), parsed(b));
  if (a.kind === 'label' && b.kind === 'label') return disjointLabels(a.label, b.label);
  const kinds = [a.kind, b.kind];
  return kinds.includes('internet') && (kinds.includes('label') || kinds.includes('same-user'));
}

/** Tagged nodes are no one's, and a node has one user. Of other labels, such as those of postures, nothing is known. */
function disjointLabels(a: Label, b: Label): boolean {
  if (isOneUser(a) && isOneUser(b)) return a !== b;
  return (ofTagged(a) && ofPeople(b)) || (ofPeople(a) && ofTagged(b));
}

const ofTagged = (label: Label): boolean => label.startsWith('tag:') || label === 'autogroup:tagged';
const ofPeople = (label: Label): boolean => /^(?:user|group|autogroup):/.test(label) && label !== 'autogroup:tagged';
const isOneUser = (label: Label): boolean => label.startsWith('user:') && !label.startsWith('user:*@');
