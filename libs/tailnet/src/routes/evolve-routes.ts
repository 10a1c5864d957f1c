import type { Evolvers } from '../evolver.js';
import { changeNode } from '../nodes/node-index.js';
import type { TailnetState } from '../state.js';
import type { Route } from './route.js';
import type { RouteEvents } from './route-events.js';

const UNKNOWN: Route = { advertised: false, approved: false, inForceSince: -1 };

export const evolveRoutes: Evolvers<RouteEvents> = {
  RouteAdvertised: (state, { nodeId, prefix }, { revision }) =>
    changeRoute(state, nodeId, prefix, revision, { advertised: true }),

  RouteWithdrawn: (state, { nodeId, prefix }, { revision }) =>
    changeRoute(state, nodeId, prefix, revision, { advertised: false }),

  RouteApproved: (state, { nodeId, prefix, by }, { revision }) =>
    changeRoute(state, nodeId, prefix, revision, { approved: true, by }),

  RouteRevoked: (state, { nodeId, prefix, by }, { revision }) =>
    changeRoute(state, nodeId, prefix, revision, { approved: false, by: by === 'admin' ? by : undefined }),
};

function changeRoute(
  state: TailnetState,
  nodeId: string,
  prefix: string,
  revision: number,
  change: Partial<Route>,
): TailnetState {
  const node = state.nodes.get(nodeId);
  if (!node) return state;
  const before = node.routes.get(prefix) ?? UNKNOWN;
  const { advertised, approved, by } = { ...before, ...change };
  const since = before.inForceSince < 0 ? revision : before.inForceSince;
  const route: Route = { advertised, approved, by, inForceSince: advertised && approved ? since : -1 };
  // Neither served nor decided about by an admin: there is nothing to remember.
  const known = advertised || by === 'admin';
  return changeNode(state, nodeId, { routes: known ? node.routes.set(prefix, route) : node.routes.delete(prefix) });
}
