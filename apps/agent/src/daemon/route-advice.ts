import { forwardingProblems, reversePathProblem } from '#host';
import type { Problem } from '#kernel';
import { prefixesOverlap, tryParsePrefix } from '#net';
import type { RouteItem } from '#netmap';
import { EXIT_ROUTES } from '#plan';
import type { LanAddress } from '../endpoints.js';
import type { Node } from '../node/node.js';
import { advertisedRoutes, type Preferences } from '../state/preferences.js';

/** What a person should know of the routes that this machine serves and uses: why packets may stop, or go another way. */
export async function routeAdvice(
  node: Node,
  preferences: Preferences,
  lan: readonly LanAddress[],
): Promise<readonly Problem[]> {
  const { interfaceName } = node.plane.carrier.host;
  if (interfaceName === undefined) return []; // nothing of it is the kernel's affair
  const exit =
    preferences.exitNode === undefined ? [] : await exitAdvice(node, preferences.exitNode, preferences.exitNodeName);
  const own = lan.filter((one) => one.interfaceName !== interfaceName);
  return [
    ...(await forwardingProblems(familiesOf(advertisedRoutes(preferences)))),
    ...exit,
    ...(preferences.acceptRoutes ? overlaps(node.follower.routes(), own) : []),
  ];
}

const familiesOf = (prefixes: readonly string[]) => ({
  ipv4: prefixes.some((prefix) => !prefix.includes(':')),
  ipv6: prefixes.some((prefix) => prefix.includes(':')),
});

async function exitAdvice(node: Node, wanted: string, name = wanted): Promise<Problem[]> {
  const hint = 'choose another: netfold set --exit-node NAME; or none: netfold set --exit-node ""';
  const nothing = 'so nothing leaves this machine for the internet';
  const found: Problem[] = [];
  const peer = node.findPeer(wanted);
  const served = [...node.follower.routes()].filter(({ via }) => via === peer?.id).map(({ prefix }) => prefix);
  const missing = EXIT_ROUTES.filter((prefix) => !served.includes(prefix));
  if (!peer) {
    found.push({ code: 'agent.exit_node_gone', message: `the exit node ${name} is not there, ${nothing}`, hint });
  } else if (missing.length === EXIT_ROUTES.length) {
    const message = `${peer.name} does not serve this machine as an exit node, ${nothing}`;
    found.push({ code: 'agent.exit_node_refused', message, hint });
  } else if (missing.length > 0) {
    const family = missing[0] === EXIT_ROUTES[0] ? 'IPv4' : 'IPv6';
    const message = `${peer.name} is no exit node for ${family}, so nothing leaves this machine over ${family}`;
    found.push({ code: 'agent.exit_node_partial', message });
  } else if (node.plane.tunnel.reachability.presenceOf(peer.id)?.online === false) {
    found.push({ code: 'agent.exit_node_away', message: `the exit node ${peer.name} is offline, ${nothing}`, hint });
  }
  const reverse = await reversePathProblem();
  return reverse ? [...found, reverse] : found;
}

/** The networks that this machine is in itself win over what others serve. */
function overlaps(routes: Iterable<RouteItem>, lan: readonly LanAddress[]): Problem[] {
  const found: Problem[] = [];
  for (const { prefix } of routes) {
    const route = EXIT_ROUTES.includes(prefix) ? undefined : tryParsePrefix(prefix);
    for (const { interfaceName, cidr } of lan) {
      const own = tryParsePrefix(cidr);
      if (!route || !own || !prefixesOverlap(route, own)) continue;
      found.push({
        code: 'agent.route_overlaps_lan',
        message: `the route ${prefix} overlaps the network of ${interfaceName} (${cidr}), which wins: its addresses are not reached through the tunnel`,
        where: prefix,
      });
    }
  }
  return found;
}
