import type { Directory, PolicyNetwork, Subject } from '#policy';
import type { Node } from '../nodes/node.js';
import type { TailnetState } from '../state.js';

/** The people of a tailnet as the policy asks about them. */
export const directoryOf = (state: TailnetState): Directory => ({
  roleOf: (login) => state.users.get(state.userByLogin.get(login) ?? '')?.role,
  groupsOf: (login) => state.groupsByLogin.get(login) ?? [],
});

/** A node as the policy sees it, with the routes that are in force. */
export function subjectOf(state: TailnetState, node: Node): Subject {
  const owner = node.userId === undefined ? undefined : state.users.get(node.userId);
  return {
    id: node.id,
    user: owner?.login,
    tags: node.tags,
    addresses: [node.ipv4, node.ipv6],
    routes: [...node.routes].filter(([, route]) => route.inForceSince >= 0).map(([prefix]) => prefix),
    attributes: { 'node:os': node.os },
  };
}

/** Everybody who is in a tailnet, each node under its name: what is said of them is for people to read. */
export const policyNetworkOf = (state: TailnetState): PolicyNetwork => ({
  subjects: [...state.nodes.values()].map((node) => ({ ...subjectOf(state, node), id: node.name })),
  directory: directoryOf(state),
});
