import type { Node, TailnetState, User } from '#tailnet';
import type { Caller } from './caller.js';

/** What a caller may be shown of a tailnet: who may see only what is their own sees their nodes, and what those see. */
export interface Sight {
  node(node: Node): boolean;
  user(user: User): boolean;
}

export function sightOf({ reach, person, tailnet: { netmaps } }: Caller, { nodes }: TailnetState): Sight {
  if (reach === 'any') return { node: () => true, user: () => true };
  const visible = new Set<string>();
  for (const { id } of ownNodes(nodes.values(), person)) {
    visible.add(id);
    for (const peer of netmaps.peers(netmaps.latest, id)) visible.add(peer);
  }
  const people = new Set([...visible].map((id) => nodes.get(id)?.userId));
  return {
    node: ({ id }) => visible.has(id),
    user: ({ id }) => id === person || people.has(id),
  };
}

/** Whether a node is the caller's own to look into. */
export const isWithinReach = ({ reach, person }: Caller, { userId }: Node): boolean =>
  reach === 'any' || (person !== undefined && userId === person);

const ownNodes = (nodes: Iterable<Node>, person: string | undefined): Node[] =>
  person === undefined ? [] : [...nodes].filter(({ userId }) => userId === person);
