import { autoApproves, type Directory } from '#policy';
import { event } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import { evolve } from '../evolve.js';
import type { Node } from '../nodes/node.js';
import { directoryOf, subjectOf } from '../policy/directory-of.js';
import type { TailnetState } from '../state.js';

/**
 * Adds to the events of a command what follows from them for routes that no admin has decided about: such a route is
 * approved when the policy's `autoApprovers` say so, and no longer than they do. So it holds after every command, be it
 * that a route was advertised, a policy published, or that the node, its user's role or a group is not what it was.
 */
export function settleApprovals(
  state: TailnetState,
  events: readonly TailnetEvent[],
  now: number,
): readonly TailnetEvent[] {
  const concerned = concernedNodes(state, events);
  if (concerned.length === 0) return events;
  const after = events.reduce((folded, next, i) => {
    return evolve(folded, next, { revision: state.revision + 1 + i, recordedAt: now, commandId: '' });
  }, state);
  const directory = directoryOf(after);
  const settled = concerned.flatMap((nodeId) => {
    const node = after.nodes.get(nodeId);
    return node ? approvalChanges(after, node, directory) : [];
  });
  return [...events, ...settled];
}

/** The ids of the nodes whose approvals by the policy may change. */
function concernedNodes(state: TailnetState, events: readonly TailnetEvent[]): readonly string[] {
  const concerned = new Set<string>();
  for (const { type, data } of events) {
    switch (type) {
      case 'AclPublished':
      case 'GroupSynced':
      case 'UserRoleChanged':
        return state.nodes
          .valueSeq()
          .filter((node) => !node.routes.isEmpty())
          .map((node) => node.id)
          .toArray();
      case 'NodeReauthenticated':
      case 'NodeTagged':
        if (!state.nodes.get(data.nodeId)?.routes.isEmpty()) concerned.add(data.nodeId);
        break;
      case 'RouteAdvertised':
        concerned.add(data.nodeId);
    }
  }
  return [...concerned];
}

function approvalChanges(state: TailnetState, node: Node, directory: Directory): TailnetEvent[] {
  const { policy } = state.policy;
  const subject = subjectOf(state, node);
  const changes: TailnetEvent[] = [];
  for (const [prefix, route] of node.routes) {
    if (route.by === 'admin') continue;
    const approved = policy !== undefined && autoApproves(policy, subject, prefix, directory);
    if (approved === route.approved) continue;
    changes.push(event(approved ? 'RouteApproved' : 'RouteRevoked', { nodeId: node.id, prefix, by: 'policy' }));
  }
  return changes;
}
