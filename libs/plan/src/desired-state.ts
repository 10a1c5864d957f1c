import { formatPrefix, maskPrefix, parseAddress } from '#net';
import type { DnsItem, Netmap, PeerItem, RouteItem, RuleItem, SelfItem } from '#netmap';
import { type EngineState, emptyEngineState, type TunnelPeer } from './engine-state.js';
import { filterRules } from './filter-rules.js';
import { type PeerParts, partsOf } from './peer-parts.js';

/** What the person of this node decides, beyond the netmap. */
export interface RouteChoices {
  /** Whether packets to the subnets behind peers go to them. */
  readonly acceptRoutes: boolean;
  /** Whether this host finds names as the tailnet says. */
  readonly acceptDns: boolean;
  /**
   * The id of the peer that packets to the internet go to. They go nowhere else while there is none with this id, or
   * while it may not be used: who chose it did not want them to be seen on the way out of this host.
   */
  readonly exitNode?: string | undefined;
  /** The ids of routers that do not answer: packets go to the one that stands by, if that one does. */
  readonly unwell?: ReadonlySet<string>;
}

// RFC 6598, section 7; the tailnet's addresses are all in it.
const TAILNET_IPV4 = '100.64.0.0/10';
/** Where every node's own resolver answers this host's questions about names; no node gets it. */
export const RESOLVER_ADDRESS = '100.100.100.100';

// The tailnet has one ULA prefix of this length (RFC 4193, section 3.1).
const ULA_BITS = 48;

/** The whole of both address families: what an exit node is the way to. */
export const EXIT_ROUTES: readonly string[] = ['0.0.0.0/0', '::/0'];

/** An engine that talks to nobody, on a host whose packets must not go another way instead. */
const sealedEngineState: EngineState = { ...emptyEngineState, routes: EXIT_ROUTES };

/** The engine that a netmap asks for. A node that is not, or no longer, a member of the tailnet talks to nobody. */
export function desiredState(netmap: Netmap, choices: RouteChoices): EngineState {
  const { self, peers, routes, rules, dns } = sortItems(netmap);
  const isSealed = choices.exitNode !== undefined;
  if (!self?.approved || self.expired) return isSealed ? sealedEngineState : emptyEngineState;
  const accepted = routes.filter((route) => isAccepted(route, self, choices)).map((route) => wellWay(route, choices));
  const addresses = [self.ipv4, self.ipv6];
  const names = choices.acceptDns && dns && (isSealed || saysAnything(dns)) ? dns : undefined;
  const tailnet = [TAILNET_IPV4, ulaOf(self)];
  const parts = peers.map(partsOf);
  return {
    addresses: names ? [...addresses, RESOLVER_ADDRESS] : addresses,
    routes: [...new Set([...tailnet, ...accepted.map(({ prefix }) => prefix), ...(isSealed ? EXIT_ROUTES : [])])],
    served: self.routes.filter(({ approved }) => approved).map(({ prefix }) => prefix),
    peers: tunnelPeers(parts, accepted),
    self: { addresses, user: self.user },
    senders: new Map(parts.map(({ sender }) => [sender.id, sender])),
    rules: filterRules(rules, self, { peers, accepted, tailnet }),
    dns: names,
  };
}

/** Whether a host that follows it finds names otherwise than by itself. */
const saysAnything = ({ enabled, nameservers, routes }: DnsItem): boolean =>
  enabled || nameservers.length > 0 || routes.length > 0;

interface SortedItems {
  self: SelfItem | undefined;
  dns: DnsItem | undefined;
  readonly peers: PeerItem[];
  readonly routes: RouteItem[];
  readonly rules: RuleItem[];
}

function sortItems(netmap: Netmap): SortedItems {
  const sorted: SortedItems = { self: undefined, dns: undefined, peers: [], routes: [], rules: [] };
  for (const item of netmap.values()) {
    if (item.kind === 'self') sorted.self = item;
    else if (item.kind === 'dns') sorted.dns = item;
    else if (item.kind === 'peer') sorted.peers.push(item);
    else if (item.kind === 'route') sorted.routes.push(item);
    else sorted.rules.push(item);
  }
  return sorted;
}

const isExitRoute = (prefix: string): boolean => EXIT_ROUTES.includes(prefix);

/** The route through the first router that answers; where none does, through the first. */
function wellWay(route: RouteItem, { unwell }: RouteChoices): RouteItem {
  if (!unwell?.has(route.via)) return route;
  const via = route.standby.find((id) => !unwell.has(id));
  return via === undefined ? route : { ...route, via };
}

/** A subnet that this node serves itself is at hand: its packets need no detour, not even when another is primary. */
function isAccepted({ prefix, via }: RouteItem, self: SelfItem, { acceptRoutes, exitNode }: RouteChoices): boolean {
  if (isExitRoute(prefix)) return via === exitNode;
  return acceptRoutes && !self.routes.some((own) => own.approved && own.prefix === prefix);
}

function tunnelPeers(parts: readonly PeerParts[], accepted: readonly RouteItem[]): Map<string, TunnelPeer> {
  const behind = Map.groupBy(accepted, ({ via }) => via);
  return new Map(
    parts.map(({ tunnel }) => {
      const routed = behind.get(tunnel.id)?.map(({ prefix }) => prefix);
      return [tunnel.id, routed ? { ...tunnel, allowedIps: [...tunnel.allowedIps, ...routed] } : tunnel];
    }),
  );
}

const ulaOf = ({ ipv6 }: SelfItem): string => formatPrefix(maskPrefix(parseAddress(ipv6), ULA_BITS));
