import { parseAddress, parsePrefix, prefixContainsAddress } from '#net';
import { type Label, type Rule, routedPart, type Selector } from '#policy';
import { directoryOf, type Node, subjectOf, type TailnetState } from '#tailnet';

/** The slow obvious twin: what every node is told, found by asking of every pair of nodes and every rule. */
export function netmapsOf(state: TailnetState): Map<string, Map<string, unknown>> {
  const oracle = new Oracle(state);
  return new Map([...state.nodes.values()].map((node) => [node.id, oracle.netmapOf(node)]));
}

/** What the rules have to do with one node. */
interface Ground {
  readonly node: Node;
  readonly labels: ReadonlySet<Label>;
  readonly sends: ReadonlySet<Rule>;
  readonly receives: ReadonlySet<Rule>;
  readonly routes: readonly ServedRoute[];
}

/** A prefix whose packets go to a node, with the rules under which some do, and under which some come from there. */
interface ServedRoute {
  readonly prefix: string;
  readonly there: readonly Rule[];
  readonly back: readonly Rule[];
}

class Oracle {
  private readonly rules: readonly Rule[];
  private readonly sourceLabels: ReadonlySet<Label>;
  private readonly grounds: readonly Ground[];

  constructor(private readonly state: TailnetState) {
    this.rules = state.policy.compiled?.rules ?? [];
    this.sourceLabels = new Set(this.rules.flatMap((rule) => rule.src.flatMap(named)));
    this.grounds = [...state.nodes.values()].filter((node) => this.isActive(node)).map((node) => this.groundOf(node));
  }

  netmapOf(node: Node): Map<string, unknown> {
    const viewer = this.grounds.find((ground) => ground.node === node);
    const items = new Map<string, unknown>([[`self/${node.id}`, this.selfOf(node, viewer)]]);
    if (!viewer) return items;
    items.set('dns/tailnet', this.dnsOf());
    for (const rule of viewer.receives) items.set(`rule/${rule.id}`, { kind: 'rule', ...rule });
    for (const peer of this.grounds) {
      if (peer === viewer) continue;
      const via = peer.node.id;
      if (this.rules.some((rule) => joins(rule, viewer, peer))) items.set(`peer/${via}`, this.peerOf(peer));
      for (const { prefix, there, back } of peer.routes) {
        if (!there.some((rule) => viewer.sends.has(rule)) && !back.some((rule) => viewer.receives.has(rule))) continue;
        const id = isExit(prefix) ? `${prefix}@${via}` : prefix;
        items.set(`route/${id}`, { kind: 'route', id, prefix, via });
      }
    }
    return items;
  }

  private isActive(node: Node): boolean {
    const suspended = node.userId !== undefined && this.state.users.get(node.userId)?.suspended !== false;
    return node.approved && !node.expired && !suspended;
  }

  private groundOf(node: Node): Ground {
    const prefixes = [...node.routes.keys()].filter((prefix) => this.serves(node, prefix));
    const subject = { ...subjectOf(this.state, node), routes: prefixes };
    const labels = this.state.policy.compiled?.labelsOf(subject, directoryOf(this.state)) ?? new Set<Label>();
    const isEnd = (selector: Selector) =>
      isOwn(selector, node, labels) || prefixes.some((prefix) => hasPart(selector, prefix));
    return {
      node,
      labels,
      sends: new Set(this.rules.filter(({ src }) => src.some(isEnd))),
      receives: new Set(this.rules.filter((rule) => mayForward(rule, node) && isEnd(rule.dst))),
      routes: prefixes.map((prefix) => ({
        prefix,
        there: this.rules.filter((rule) => mayForward(rule, node) && hasPart(rule.dst, prefix)),
        back: this.rules.filter(({ src, dst }) => {
          return !chosenByUser(dst) && src.some((selector) => isNamed(selector) && hasPart(selector, prefix));
        }),
      })),
    };
  }

  private serves(node: Node, prefix: string): boolean {
    const since = (other: Node) => other.routes.get(prefix)?.inForceSince ?? -1;
    if (!this.isActive(node) || since(node) < 0) return false;
    if (isExit(prefix)) return true;
    const rivals = [...this.state.nodes.values()].filter((other) => this.isActive(other) && since(other) >= 0);
    return !rivals.some((other) => since(other) < since(node) || (since(other) === since(node) && other.id < node.id));
  }

  private selfOf(node: Node, ground: Ground | undefined): unknown {
    const routes = [...node.routes]
      .filter(([, route]) => route.advertised)
      .map(([prefix, { approved }]) => ({ prefix, approved, primary: this.serves(node, prefix) }))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
    const { approved, expired } = node;
    const keyExpiresAt = node.keyExpiresAt ?? undefined;
    const labels = ground ? this.shownLabels(ground) : [];
    return { kind: 'self', ...this.identityOf(node), keyExpiresAt, approved, expired, routes, labels };
  }

  private peerOf(ground: Ground): unknown {
    const { node } = ground;
    return { kind: 'peer', ...this.identityOf(node), os: node.os, labels: this.shownLabels(ground) };
  }

  private shownLabels({ labels }: Ground): readonly Label[] {
    return [...labels].filter((label) => this.sourceLabels.has(label)).sort();
  }

  private identityOf({ id, name, ipv4, ipv6, tags, nodeKey, userId }: Node) {
    const user = this.state.users.get(userId ?? '')?.login;
    const dnsName = `${name}.${this.state.tailnet?.dnsSuffix}`;
    return { id, name, dnsName, ipv4, ipv6, user, tags, nodeKey };
  }

  private dnsOf(): unknown {
    const { magicDns, nameservers, searchDomains, splitDns } = this.state.dns;
    const routes = Object.entries(splitDns)
      .map(([domain, servers]) => ({ domain, nameservers: servers }))
      .sort((a, b) => (a.domain < b.domain ? -1 : 1));
    const domain = this.state.tailnet?.dnsSuffix;
    return { kind: 'dns', id: 'tailnet', domain, enabled: magicDns, nameservers, routes, searchDomains };
  }
}

/** Whether the rule lets one of the two reach the other. */
function joins(rule: Rule, a: Ground, b: Ground): boolean {
  if (chosenByUser(rule.dst) && (a.node.userId === undefined || a.node.userId !== b.node.userId)) return false;
  return (a.sends.has(rule) && b.receives.has(rule)) || (b.sends.has(rule) && a.receives.has(rule));
}

const mayForward = (rule: Rule, node: Node): boolean =>
  rule.via.length === 0 || rule.via.some((tag) => node.tags.includes(tag));

const isExit = (prefix: string): boolean => prefix.endsWith('/0');
const isNamed = (selector: Selector): boolean => selector.kind !== 'any' && selector.kind !== 'everything';

const parts = new Map<string, boolean>();

/** Whether some of the prefix is selected; remembered, for it depends on nothing else and is slow. */
function hasPart(selector: Selector, prefix: string): boolean {
  const key = `${JSON.stringify(selector)} ${prefix}`;
  const known = parts.get(key) ?? !routedPart(selector, prefix).isEmpty;
  parts.set(key, known);
  return known;
}

function chosenByUser(selector: Selector): boolean {
  return selector.kind === 'where' ? chosenByUser(selector.of) : selector.kind === 'same-user';
}

function named(selector: Selector): Label[] {
  if (selector.kind === 'label') return [selector.label];
  if (selector.kind !== 'where') return [];
  return [selector.label, ...[selector.of, ...selector.within, ...selector.except].flatMap(named)];
}

/** Whether one of the node's own addresses is selected. */
const isOwn = (selector: Selector, node: Node, labels: ReadonlySet<Label>): boolean =>
  [node.ipv4, node.ipv6].some((address) => isOwnAddress(selector, address, labels));

function isOwnAddress(selector: Selector, address: string, labels: ReadonlySet<Label>): boolean {
  switch (selector.kind) {
    case 'any':
    case 'everything':
      return true;
    case 'label':
      return labels.has(selector.label);
    case 'prefix':
      return prefixContainsAddress(parsePrefix(selector.prefix), parseAddress(address));
    case 'internet':
      return false;
    case 'same-user':
      return labels.has('autogroup:member');
    case 'where':
      return (
        isOwnAddress(selector.of, address, labels) &&
        selector.within.every((part) => isOwnAddress(part, address, labels)) &&
        !selector.except.some((part) => isOwnAddress(part, address, labels))
      );
  }
}
