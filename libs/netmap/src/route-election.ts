import type { RouteItem } from './item.js';

/** Of an exit node: the prefix is everything, and each viewer picks the node by itself. */
export const isExitPrefix = (prefix: string): boolean => prefix === '0.0.0.0/0' || prefix === '::/0';

/** `prefix`, or `prefix@node` for an exit route. */
export const prefixOfRoute = (routeId: string): string => routeId.split('@', 1)[0] as string;

/**
 * The routes that serve a prefix, from the nodes that offer it and the revision since which each does: every exit node,
 * or the one router that has been in force the longest. So a newcomer never displaces a router that works, and who
 * serves follows from the state alone: a restarted or second server comes to the same result.
 */
export function electRoutes(prefix: string, offers: Iterable<readonly [node: string, since: number]>): RouteItem[] {
  if (isExitPrefix(prefix)) {
    return Array.from(offers, ([via]) => ({ kind: 'route', id: `${prefix}@${via}`, prefix, via }));
  }
  let best: readonly [string, number] | undefined;
  for (const offer of offers) if (!best || precedes(offer, best)) best = offer;
  return best ? [{ kind: 'route', id: prefix, prefix, via: best[0] }] : [];
}

const precedes = ([a, aSince]: readonly [string, number], [b, bSince]: readonly [string, number]): boolean =>
  aSince < bSince || (aSince === bSince && a < b);
