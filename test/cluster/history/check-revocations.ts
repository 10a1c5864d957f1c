import { advance, affectedViewers, diffView, emptyNetwork, isEmptyDiff, type Network } from '#netmap';
import { evolve, initialState } from '#tailnet';
import type { AgentHistory, Claim, History, Violation } from './history.js';

type Part = Pick<History, 'orders' | 'agents' | 'claims' | 'ledger'>;

/** Nobody who was told of an acknowledged revocation has the revoked peer, and "in force" is said only when it is. */
export const checkRevocations = (part: Part): Violation[] => [...checkRemovals(part), ...checkClaims(part)];

function checkRemovals({ orders, agents }: Part): Violation[] {
  const removedAt = new Map<string, number>();
  for (const { removes, answer } of orders) {
    if (removes !== undefined && answer) removedAt.set(removes, answer.revision);
  }
  return agents.flatMap((agent) => resurrected(agent, removedAt));
}

/** Follows the peers of an agent, frame by frame, without a look at digests. */
function resurrected({ name, applied }: AgentHistory, removedAt: ReadonlyMap<string, number>): Violation[] {
  const found: Violation[] = [];
  const revoked = new Set<string>(); // that are held, and removed at some time
  for (const { revision, snapshot, gained, lost } of applied) {
    if (snapshot) revoked.clear();
    for (const peer of lost) revoked.delete(peer);
    for (const peer of gained) if (removedAt.has(peer)) revoked.add(peer);
    for (const peer of revoked) {
      if ((removedAt.get(peer) ?? Infinity) > revision) continue;
      found.push({ law: 'no revocation is violated', what: `${name} holds ${peer} at revision ${revision}` });
    }
  }
  return found;
}

/** Each agent that an event concerned, and that is still a member, had applied it by the time that it was said to be in force. */
function checkClaims({ claims, agents, ledger }: Part): Violation[] {
  const byRevision = Map.groupBy(claims, ({ revision }) => revision);
  const byNode = new Map(agents.map((agent) => [agent.nodeId, agent]));
  const found: Violation[] = [];
  let state = initialState;
  let before: Network = emptyNetwork;
  for (const event of ledger) {
    state = evolve(state, event, event);
    const { network, change } = advance(before, state, event);
    for (const claim of byRevision.get(event.revision) ?? []) {
      const concerned = [...affectedViewers(before, network, change)].filter(
        (id) => network.nodes.has(id) && !isEmptyDiff(diffView(before, network, id, change)),
      );
      found.push(...concerned.flatMap((id) => early(claim, byNode.get(id))));
    }
    before = network;
  }
  return found;
}

function early({ replica, revision, saidAt }: Claim, agent: AgentHistory | undefined): Violation[] {
  // One that was removed meanwhile is not waited for.
  if (!agent?.member || agent.applied.some((one) => one.revision >= revision && one.at <= saidAt)) return [];
  const what = `replica ${replica} said so of revision ${revision}, and ${agent.name} had not applied it`;
  return [{ law: 'in force is in force', what }];
}
