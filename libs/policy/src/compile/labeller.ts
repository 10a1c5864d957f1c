import { maskPrefix, parsePrefix, prefixContains, tryParseAddress, tryParsePrefix } from '#net';
import { prefixText } from '../address/prefixes.js';
import type { PostureCondition } from '../language/policy.js';
import type { Directory, Subject } from '../subject.js';
import { type GroupIndex, identityLabels } from './membership.js';
import { meetsPosture, postureNames } from './postures.js';
import type { Label, Selector } from './rule.js';
import { ANY_LABEL, addressLabel, INTERNET_LABEL, routeLabel } from './selectors.js';
import { mayConcern } from './where.js';

const EXIT_ROUTES: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

/** Tells the labels of nodes. Its size is that of the policy; a node costs its own labels, addresses and routes. */
export class Labeller {
  private readonly named = new Set<Label>();
  private readonly prefixes = new Map<string, readonly [bits: number, width: number]>();
  private readonly lengths = new Map<number, Set<number>>();
  private readonly postures: Label[] = [];
  private readonly wheres = new Map<Label, Extract<Selector, { kind: 'where' }>>();

  constructor(
    selectors: Iterable<Selector>,
    private readonly groups: GroupIndex,
    private readonly conditions: ReadonlyMap<string, readonly PostureCondition[]>,
  ) {
    for (const selector of selectors) this.learn(selector);
  }

  labelsOf(subject: Subject, directory: Directory): ReadonlySet<Label> {
    const labels = new Set<Label>();
    if (this.named.has(ANY_LABEL)) labels.add(ANY_LABEL);
    for (const label of identityLabels(subject, this.groups, directory)) if (this.named.has(label)) labels.add(label);
    for (const address of subject.addresses) this.addAddress(address, labels);
    for (const route of subject.routes ?? []) this.addRoute(route, labels);
    for (const label of this.postures) {
      const met = postureNames(label)?.some((name) => this.meets(name, subject));
      if (met) labels.add(label);
    }
    for (const [label, selector] of this.wheres) if (mayConcern(selector, subject, labels)) labels.add(label);
    return labels;
  }

  private meets(posture: string, subject: Subject): boolean {
    return meetsPosture(this.conditions.get(posture), subject.attributes ?? {});
  }

  private learn(selector: Selector): void {
    if (selector.kind === 'where') {
      this.wheres.set(selector.label, selector);
      for (const part of [selector.of, ...selector.within, ...selector.except]) this.learn(part);
    } else if (selector.kind === 'prefix') this.learnPrefix(selector.prefix);
    else if (selector.kind === 'label') this.learnLabel(selector.label);
    else if (selector.kind === 'internet') this.named.add(INTERNET_LABEL);
    else this.named.add(selector.kind === 'same-user' ? 'autogroup:member' : ANY_LABEL);
  }

  private learnLabel(label: Label): void {
    if (postureNames(label) === undefined) this.named.add(label);
    else if (!this.postures.includes(label)) this.postures.push(label);
  }

  private learnPrefix(text: string): void {
    const { address, bits } = parsePrefix(text);
    this.prefixes.set(text, [bits, address.length]);
    const lengths = this.lengths.get(address.length);
    if (lengths) lengths.add(bits);
    else this.lengths.set(address.length, new Set([bits]));
  }

  /** One look-up per length of prefix that the policy names, however many prefixes it names. */
  private addAddress(text: string, labels: Set<Label>): void {
    if (this.lengths.size === 0) return;
    const address = tryParseAddress(text);
    for (const bits of (address && this.lengths.get(address.length)) ?? []) {
      const prefix = address && prefixText(maskPrefix(address, bits));
      if (prefix && this.prefixes.has(prefix)) labels.add(addressLabel(prefix));
    }
  }

  /** Exit routes stand for the internet and not for the prefixes within it. */
  private addRoute(text: string, labels: Set<Label>): void {
    if (EXIT_ROUTES.has(text)) {
      if (this.named.has(INTERNET_LABEL)) labels.add(INTERNET_LABEL);
      return;
    }
    const route = tryParsePrefix(text);
    if (!route) return;
    for (const [prefix] of this.prefixes) {
      const other = parsePrefix(prefix);
      if (prefixContains(other, route) || prefixContains(route, other)) labels.add(routeLabel(prefix));
    }
  }
}
