import { parseAddress, parsePrefix, prefixContainsAddress } from '#net';
import { type Label, type Rule, routedPart, type Selector } from '#policy';
import { directoryOf, type Node, subjectOf, type TailnetState } from '#tailnet';

/** The slow obvious twin: what every node is told, found by asking of every pair of nodes and every rule. */
export function netmapsOf(state: TailnetState): Map<string, Map<string, unknown>> {
  const oracle = new Oracle(state);
  return new Map([...state.nodes.values()].map((node) => [node.id, oracle.netmapOf(node)]));
}

/** What the rules have to do with one node that takes part. */
interface Ground {
  readonly node: Node;
  readonly labels: ReadonlySet<Label>;
  readonly sends: ReadonlySet<Rule>;
  readonly receives: ReadonlySet<Rule>;
  readonly routes: readonly ServedRoute[];
}

/** A prefix that a node serves, with the rules under which packets go there, and under which they come from there. */
interface ServedRoute {
  readonly prefix: string;
  readonly since: number;
  readonly there: readonly Rule[];
  readonly back: readonly Rule[];
}

class Oracle {
  private readonly rules: readonly Rule[];
  private readonly grounds: readonly Ground[];

  constructor(private readonly state: TailnetState) {
    this.rules = state.policy.compiled?.rules ?? [];
    this.grounds = [...state.nodes.values()].filter((node) => this.isActive(node)).map((node) => this.groundOf(node));
  }

  netmapOf(node: Node): Map<string, unknown> {
    const viewer = this.grounds.find((ground) => ground.node === node);
    const items = new Map<string, unknown>([[`self/${node.id}`, this.selfOf(node, viewer)]]);
    if (!viewer) return items;
    items.set('dns/tailnet', this.dnsOf());
    for (const rule of viewer.receives) items.set(`rule/${rule.id}`, { kind: 'rule', ...rule });
    for (const peer of this.grounds) {
      const sees = peer !== viewer && this.rules.some((rule) => joins(rule, viewer, peer));
      if (sees) items.set(`peer/${peer.node.id}`, this.peerOf(peer));
    }
    for (const route of this.routesFor(viewer)) items.set(`route/${route.id}`, route);
    return items;
  }

  private *routesFor(viewer: Ground) {
    for (const prefix of new Set(this.grounds.flatMap(({ routes }) => routes.map((route) => route.prefix)))) {
      const ways = this.waysTo(prefix);
      const open = ways.filter(({ ground, route }) => ground !== viewer && leadsOver(route, viewer));
      const ids = open.map(({ ground }) => ground.node.id);
      if (isExit(prefix)) {
        for (const via of ids) yield { kind: 'route', id: `${prefix}@${via}`, prefix, via, standby: [] };
      } else if (ids.length > 0 && ways[0]?.ground !== viewer) {
        yield { kind: 'route', id: prefix, prefix, via: ids[0], standby: ids.slice(1) };
      }
    }
  }

  /** All routers of a prefix, the primary first. */
  private waysTo(prefix: string): { ground: Ground; route: ServedRoute }[] {
    return this.grounds
      .flatMap((ground) => ground.routes.map((route) => ({ ground, route })))
      .filter(({ route }) => route.prefix === prefix)
      .sort((a, b) => a.route.since - b.route.since || (a.ground.node.id < b.ground.node.id ? -1 : 1));
  }

  private isActive(node: Node): boolean {
    const suspended = node.userId !== undefined && this.state.users.get(node.userId)?.suspended !== false;
    return node.approved && !node.expired && !suspended;
  }

  private groundOf(node: Node): Ground {
    const served = [...node.routes].filter(([, route]) => route.inForceSince >= 0);
    const subject = subjectOf(this.state, node);
    const labels = this.state.policy.compiled?.labelsOf(subject, directoryOf(this.state)) ?? new Set<Label>();
    const routesTo = (selector: Selector) => served.some(([prefix]) => hasPart(selector, prefix));
    const isEnd = (selector: Selector) => isOwn(selector, node, labels) || routesTo(selector);
    return {
      node,
      labels,
      sends: new Set(this.rules.filter(({ src }) => src.some(isEnd))),
      receives: new Set(
        this.rules.filter((rule) =>
          rule.via.length === 0 ? isEnd(rule.dst) : mayForward(rule, node) && routesTo(rule.dst),
        ),
      ),
      routes: served.map(([prefix, { inForceSince }]) => ({
        prefix,
        since: inForceSince,
        there: this.rules.filter((rule) => mayForward(rule, node) && hasPart(rule.dst, prefix)),
        back: this.rules.filter(
          ({ src, dst, via }) =>
            !isExit(prefix) &&
            via.length === 0 &&
            !['same-user', 'internet'].includes(baseOf(dst)) &&
            src.some((selector) => hasPart(selector, prefix)),
        ),
      })),
    };
  }

  private isPrimary(node: Node, prefix: string): boolean {
    const ways = this.waysTo(prefix);
    const own = ways.findIndex(({ ground }) => ground.node === node);
    return isExit(prefix) ? own >= 0 : own === 0;
  }

  private selfOf(node: Node, ground: Ground | undefined): unknown {
    const routes = [...node.routes]
      .filter(([, route]) => route.advertised)
      .map(([prefix, { approved }]) => ({ prefix, approved, primary: this.isPrimary(node, prefix) }))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
    const { approved, expired } = node;
    const suspended = this.state.users.get(node.userId ?? '')?.suspended === true;
    const keyExpiresAt = node.keyExpiresAt ?? undefined;
    const labels = ground ? this.shownLabels(ground, ({ src, dst }) => [...src, dst]) : [];
    return { kind: 'self', ...this.identityOf(node), keyExpiresAt, approved, expired, suspended, routes, labels };
  }

  private peerOf(ground: Ground): unknown {
    const { node } = ground;
    return { kind: 'peer', ...this.identityOf(node), os: node.os, labels: this.shownLabels(ground, ({ src }) => src) };
  }

  private shownLabels({ labels }: Ground, selectorsOf: (rule: Rule) => readonly Selector[]): readonly Label[] {
    const shown = new Set(this.rules.flatMap((rule) => selectorsOf(rule).flatMap(named)));
    return [...labels].filter((label) => shown.has(label)).sort();
  }

  private identityOf({ id, name, ipv4, ipv6, tags, nodeKey, userId }: Node) {
    const user = this.state.users.get(userId ?? '')?.login;
    const dnsName = `${name}.${this.state.tailnet?.dnsSuffix}`;
    return { id, name, dnsName, ipv4, ipv6, user, tags, nodeKey };
  }

  private dnsOf(): unknown {
    const { magicDns, nameservers, searchDomains, splitDns, records } = this.state.dns;
    const routes = Object.entries(splitDns)
      .map(([domain, servers]) => ({ domain, nameservers: servers }))
      .sort((a, b) => (a.domain < b.domain ? -1 : 1));
    const domain = this.state.tailnet?.dnsSuffix;
    return { kind: 'dns', id: 'tailnet', domain, enabled: magicDns, nameservers, routes, searchDomains, records };
  }
}

/** Whether the rule lets one of the two reach the other. */
function joins(rule: Rule, a: Ground, b: Ground): boolean {
  if (baseOf(rule.dst) === 'same-user' && (a.node.userId === undefined || a.node.userId !== b.node.userId))
    return false;
  return (a.sends.has(rule) && b.receives.has(rule)) || (b.sends.has(rule) && a.receives.has(rule));
}

/** Whether packets between the viewer and a route of another node may pass, whichever way. */
const leadsOver = ({ there, back }: ServedRoute, viewer: Ground): boolean =>
  there.some((rule) => viewer.sends.has(rule)) || back.some((rule) => viewer.receives.has(rule));

const mayForward = (rule: Rule, node: Node): boolean =>
  rule.via.length === 0 || rule.via.some((tag) => node.tags.includes(tag));

const isExit = (prefix: string): boolean => prefix.endsWith('/0');

const parts = new Map<string, boolean>();

/** Whether some of the prefix is selected; remembered, for it depends on nothing else and is slow. */
function hasPart(selector: Selector, prefix: string): boolean {
  const key = `${JSON.stringify(selector)} ${prefix}`;
  const known = parts.get(key) ?? !routedPart(selector, prefix).isEmpty;
  parts.set(key, known);
  return known;
}

const baseOf = (selector: Selector): string => (selector.kind === 'where' ? baseOf(selector.of) : selector.kind);

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
