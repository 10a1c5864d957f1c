import { netmapsOf } from '#netmap/testing';
import { FORWARDED, isWithin, slowlyAllows } from '#policy/testing';
import { directoryOf, type Node, subjectOf, type TailnetState } from '#tailnet';

/** The ports and protocols that are asked about. */
export const PROBES = [
  { protocol: 6, port: 22 },
  { protocol: 6, port: 80 },
  { protocol: 17, port: 53 },
  { protocol: 1, port: 0 },
  { protocol: 132, port: 9 },
] as const;

/** Addresses behind routers that are asked about. */
export const REMOTE = FORWARDED;

interface Way {
  readonly prefix: string;
  readonly via: string;
}

/**
 * The slow obvious twin: every flow of a state, found by following each packet: into the route that the netmap of its
 * sender gives it, and past the plain reading of the policy. A flow is `from to protocol port`; ends are ids of nodes with
 * an address family, addresses, and addresses behind an exit node (`8.8.8.8@node_a`).
 */
export function slowFlows(state: TailnetState): Set<string> {
  const netmaps = netmapsOf(state);
  const flows = new Set<string>();
  const routes = new Map([...state.nodes.keys()].map((id) => [id, waysIn(netmaps.get(id), id)]));
  const active = [...state.nodes.values()].filter(({ id }) => netmaps.get(id)?.has('dns/tailnet'));
  const { policy } = state.policy;
  if (!policy) return flows;
  const directory = directoryOf(state);
  const add = (text: string, from: Node, fromAddress: string, to: Node, toAddress: string) => {
    if (fromAddress.includes(':') !== toAddress.includes(':')) return;
    for (const { protocol, port } of PROBES) {
      const ends = { from: subjectOf(state, from), fromAddress, to: subjectOf(state, to), toAddress };
      if (slowlyAllows(policy, directory, { ...ends, protocol, port })) flows.add(`${text} ${protocol} ${port}`);
    }
  };
  const nodeOf = (id: string | undefined) => (id === undefined ? undefined : state.nodes.get(id));
  const routerOf = (viewer: Node, address: string) => nodeOf(narrowest(routes.get(viewer.id) ?? [], address)?.via);
  for (const from of active) {
    for (const fromAddress of [from.ipv4, from.ipv6]) {
      const source = `${from.id}/${familyOf(fromAddress)}`;
      for (const to of active) {
        if (to === from) continue;
        const toAddress = fromAddress === from.ipv4 ? to.ipv4 : to.ipv6;
        add(`${source} ${to.id}/${familyOf(toAddress)}`, from, fromAddress, to, toAddress);
      }
      for (const address of REMOTE) {
        const router = routerOf(from, address);
        if (router && router !== from) add(`${source} ${address}`, from, fromAddress, router, address);
        if (router) continue;
        for (const { prefix, via } of routes.get(from.id) ?? []) {
          const exit = nodeOf(via);
          if (isExit(prefix) && exit && isWithin(prefix, address)) {
            add(`${source} ${address}@${via}`, from, fromAddress, exit, address);
          }
        }
      }
    }
  }
  for (const address of REMOTE) {
    for (const to of active) {
      const router = routerOf(to, address);
      if (!router || router === to) continue;
      for (const own of [to.ipv4, to.ipv6]) add(`${address} ${to.id}/${familyOf(own)}`, router, address, to, own);
    }
    for (const origin of active.filter((node) => serves(node, address))) {
      for (const remote of REMOTE) {
        const router = routerOf(origin, remote);
        const isWay = router && router !== origin && routerOf(router, address) === origin;
        if (isWay) add(`${address} ${remote}`, origin, address, router, remote);
      }
    }
  }
  return flows;
}

export const familyOf = (address: string): string => (address.includes(':') ? 'v6' : 'v4');

const isExit = (prefix: string): boolean => prefix.endsWith('/0');

const serves = ({ routes }: Node, address: string): boolean =>
  [...routes].some(([prefix, { inForceSince }]) => inForceSince >= 0 && !isExit(prefix) && isWithin(prefix, address));

/** The routes that a node is told of, and those of which it is itself the primary. */
function waysIn(netmap: ReadonlyMap<string, unknown> | undefined, id: string): Way[] {
  return [...(netmap?.values() ?? [])].flatMap((item) => {
    const { kind, prefix, via, routes } = item as {
      kind: string;
      prefix: string;
      via: string;
      routes: readonly { prefix: string; primary: boolean }[];
    };
    if (kind === 'route') return [{ prefix, via }];
    if (kind !== 'self' || !netmap?.has('dns/tailnet')) return [];
    return routes.filter((own) => own.primary && !isExit(own.prefix)).map((own) => ({ prefix: own.prefix, via: id }));
  });
}

const narrowest = (ways: readonly Way[], address: string): Way | undefined =>
  ways
    .filter(({ prefix }) => !isExit(prefix) && isWithin(prefix, address))
    .sort((a, b) => Number(b.prefix.split('/')[1]) - Number(a.prefix.split('/')[1]))[0];
