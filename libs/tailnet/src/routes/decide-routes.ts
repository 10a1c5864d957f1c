import { ok } from '#kernel';
import { ALREADY_SO, type Deciders, event, record, reject } from '../decider.js';
import { missingNode } from '../nodes/missing-node.js';
import { badPrefixes } from './bad-prefixes.js';
import type { RouteCommands } from './route-commands.js';

export const decideRoutes: Deciders<RouteCommands> = {
  AdvertiseRoutes: (state, { nodeId, prefixes }) => {
    const node = state.nodes.get(nodeId);
    if (!node) return reject(missingNode(nodeId));
    const problem = badPrefixes(state, prefixes);
    if (problem) return reject(problem);
    const wanted = new Set(prefixes);
    const advertised = node.routes
      .filter((route) => route.advertised)
      .keySeq()
      .toArray();
    return ok([
      ...advertised
        .filter((prefix) => !wanted.has(prefix))
        .map((prefix) => event('RouteWithdrawn', { nodeId, prefix })),
      ...[...wanted]
        .filter((prefix) => !node.routes.get(prefix)?.advertised)
        .map((prefix) => event('RouteAdvertised', { nodeId, prefix })),
    ]);
  },

  ApproveRoute: (state, { nodeId, prefix }) => {
    const node = state.nodes.get(nodeId);
    if (!node) return reject(missingNode(nodeId));
    const route = node.routes.get(prefix);
    if (route?.approved && route.by === 'admin') return ALREADY_SO;
    if (route?.advertised) return record('RouteApproved', { nodeId, prefix, by: 'admin' });
    const offered = node.routes
      .filter(({ advertised }) => advertised)
      .keySeq()
      .join(', ');
    const message = `${node.name} does not advertise ${prefix}`;
    const hint = offered ? `it advertises ${offered}` : 'let the node advertise it first';
    return reject({ code: 'route.not_advertised', message, where: 'prefix', hint });
  },

  RevokeRoute: (state, { nodeId, prefix }) => {
    const node = state.nodes.get(nodeId);
    if (!node) return reject(missingNode(nodeId));
    const route = node.routes.get(prefix);
    if (!route) {
      const message = `${node.name} does not advertise ${prefix}, and it is not approved`;
      return reject({ code: 'route.unknown', message, where: 'prefix' });
    }
    if (!route.approved && route.by === 'admin') return ALREADY_SO;
    return record('RouteRevoked', { nodeId, prefix, by: 'admin' });
  },
};
