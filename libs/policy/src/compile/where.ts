import { prefixContainsAddress, tryParseAddress, tryParsePrefix } from '#net';
import { AddressSet } from '../address/address-set.js';
import type { Subject } from '../subject.js';
import type { Label, Selector } from './rule.js';

/** One end of a packet: an address, and the node that it belongs to or is reached through. */
export interface Endpoint {
  readonly address: string;
  /** Whether the address is the node's own; else the node forwards for it. */
  readonly own: boolean;
  /** Whether the node forwards for it along an exit route, and along no narrower one. */
  readonly exit?: boolean;
  readonly labels: ReadonlySet<Label>;
}

/**
 * The addresses of the internet, as the reference draws it: all of IPv4 and global unicast IPv6 without the private,
 * link-local and tailnet ranges.
 */
export const INTERNET: AddressSet = AddressSet.of(['0.0.0.0/0', '2000::/3']).minus(
  AddressSet.of(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16']),
);

/** Whether a selector selects this destination. `same-user` looks at both ends and so is the caller's: see `permits`. */
export function selects(selector: Selector, end: Endpoint): boolean {
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return true;
    case 'label':
      return end.own && end.labels.has(selector.label);
    case 'prefix':
      // An exit node stands for the internet, not for the private networks that its default route happens to cover.
      return inPrefix(selector.prefix, end) && (!end.exit || INTERNET.has(end.address));
    case 'internet':
      return end.exit === true && INTERNET.has(end.address);
    case 'same-user':
      return end.own && end.labels.has('autogroup:member');
    case 'where':
      return (
        selects(selector.of, end) &&
        selector.within.every((part) => selects(part, end)) &&
        !selector.except.some((part) => excludes(part, end))
      );
  }
}

/** What is taken away by a prefix is taken away however it is reached. */
const excludes = (part: Selector, end: Endpoint): boolean =>
  part.kind === 'prefix' ? inPrefix(part.prefix, end) : selects(part, end);

function inPrefix(text: string, end: Endpoint): boolean {
  const prefix = tryParsePrefix(text);
  const address = tryParseAddress(end.address);
  return prefix !== undefined && address !== undefined && prefixContainsAddress(prefix, address);
}

/** Whether a selector selects this source: `*` is the tailnet and its subnets, and not what comes in at an exit node. */
export function selectsSource(selector: Selector, end: Endpoint): boolean {
  const base = selector.kind === 'where' ? selector.of : selector;
  return !(end.exit && base.kind === 'any') && selects(selector, end);
}

/** Whether a `where` selector selects one of a node's own addresses, or an address that it routes for. */
export function mayConcern(
  selector: Extract<Selector, { kind: 'where' }>,
  subject: Subject,
  labels: ReadonlySet<Label>,
): boolean {
  if (subject.addresses.some((address) => selects(selector, { address, own: true, labels }))) return true;
  return (subject.routes ?? []).some((route) => !routedPart(selector, route).isEmpty);
}

/**
 * What a prefix means on an exit route, which covers every prefix: `offered` to nobody, since no one is shown an exit node
 * for the sake of a prefix; `passed` on the internet only; `taken` away wherever it lies.
 */
type OnExitRoute = 'offered' | 'passed' | 'taken';

/** The part of a route that a selector selects: labels stand for nodes' own addresses, and so for none of it. */
export function routedPart(selector: Selector, route: string, onExit: OnExitRoute = 'offered'): AddressSet {
  const isExit = route === '0.0.0.0/0' || route === '::/0';
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return AddressSet.of([route]);
    case 'prefix': {
      if (isExit && onExit === 'offered') return AddressSet.EMPTY;
      const part = AddressSet.of([route]).and(AddressSet.of([selector.prefix]));
      return isExit && onExit === 'passed' ? part.and(INTERNET) : part;
    }
    case 'internet':
      return isExit ? AddressSet.of([route]).and(INTERNET) : AddressSet.EMPTY;
    case 'where': {
      let part = routedPart(selector.of, route, onExit);
      for (const other of selector.within) part = part.and(routedPart(other, route, onExit));
      for (const other of selector.except) part = part.minus(routedPart(other, route, 'taken'));
      return part;
    }
    default:
      return AddressSet.EMPTY;
  }
}
