/** Of an exit node: the prefix is everything, and each viewer picks the node by itself. */
export const isExitPrefix = (prefix: string): boolean => prefix === '0.0.0.0/0' || prefix === '::/0';

/** The id of the route items for a prefix through a node: routers of a subnet stand in for each other, exit nodes do not. */
export const routeIdOf = (prefix: string, node: string): string =>
  isExitPrefix(prefix) ? `${prefix}@${node}` : prefix;

/** A node that serves a prefix, and the revision since which it has. */
export type Router = readonly [node: string, since: number];

/**
 * The routers of a prefix, the primary first: the one that has been in force the longest. So a newcomer never displaces
 * a router that works; and who serves follows from the state alone, so that a restarted server and a second one come to
 * the same result.
 */
export const rankRouters = (routers: Iterable<Router>): Router[] =>
  [...routers].sort(([a, aSince], [b, bSince]) => aSince - bSince || (a < b ? -1 : 1));
