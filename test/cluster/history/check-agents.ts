import { toHex } from '#kernel';
import { digestOf, digestOfView, networkFromScratch, viewOf } from '#netmap';
import { encodeItem } from '#wire';
import type { AgentHistory, Applied, History, Violation } from './history.js';
import { momentsOf } from './moments.js';

type Part = Pick<History, 'agents' | 'ledger'>;

/**
 * Whatever an agent held at any time was the fold of the ledger at the revision that it was told; it never went back; and
 * at the end every member holds what the whole ledger says, put together from nothing.
 */
export function checkAgents({ agents, ledger }: Part): Violation[] {
  return [...agents.flatMap(checkSequence), ...checkDigests({ agents, ledger }), ...checkEnd({ agents, ledger })];
}

function checkSequence({ name, applied, refused }: AgentHistory): Violation[] {
  const backwards = applied.filter(({ revision }, i) => revision < (applied[i - 1]?.revision ?? -1));
  const whole = applied.filter(({ resumed, snapshot }) => resumed && snapshot);
  return [
    ...whole.map(({ revision, replica }) => ({
      law: 'who resumes is told the difference',
      what: `${name} was sent all of revision ${revision} by replica ${replica}`,
    })),
    ...backwards.map(({ revision, replica }) => ({
      law: 'no agent goes back',
      what: `${name} was given revision ${revision} by replica ${replica} after a later one`,
    })),
    ...refused.map((what) => ({ law: 'nothing wrong is sent', what: `${name} refused: ${what}` })),
  ];
}

function checkDigests({ agents, ledger }: Part): Violation[] {
  const held = agents.flatMap(({ nodeId, name, applied }) => applied.map((one) => ({ ...one, nodeId, name })));
  const byRevision = Map.groupBy(held, ({ revision }) => revision);
  const found: Violation[] = [];
  for (const { revision, network } of momentsOf(ledger)) {
    for (const { nodeId, name, digest } of byRevision.get(revision) ?? []) {
      if (digest !== toHex(digestOfView(network, nodeId, encodeItem))) found.push(wrong(name, revision));
    }
    byRevision.delete(revision);
  }
  for (const [revision, strays] of byRevision) found.push(...strays.map(({ name }) => wrong(name, revision)));
  return found;
}

function checkEnd({ agents, ledger }: Part): Violation[] {
  const state = [...momentsOf(ledger)].at(-1)?.state;
  if (!state) return [];
  const network = networkFromScratch(state);
  const digest = (nodeId: string) => toHex(digestOf(viewOf(network, nodeId), encodeItem));
  const members = agents.filter(({ member }) => member);
  const ids = new Set(members.map(({ nodeId }) => nodeId));
  return [
    ...members
      .filter(({ nodeId, applied }) => applied.at(-1)?.digest !== digest(nodeId))
      .map(({ name }) => ({ law: 'every agent ends with the fold', what: `${name} holds something else` })),
    ...[...state.nodes.values()]
      .filter(({ id }) => !ids.has(id))
      .map(({ name }) => ({ law: 'every agent ends with the fold', what: `${name} is a node, and no agent’s` })),
  ];
}

const wrong = (name: string, revision: Applied['revision']): Violation => ({
  law: 'a netmap is the fold',
  what: `${name} held at revision ${revision} what the ledger does not say`,
});
