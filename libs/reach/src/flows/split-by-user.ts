import type { NodesEnd } from './end.js';
import type { Among } from './flows.js';
import type { Moment } from './moment.js';

/** A part of the pairs of two ends, in which all are of the same user, or none, at each of the two moments. */
export interface UserPart {
  readonly from: NodesEnd;
  readonly to: NodesEnd;
  readonly among: Among;
  readonly sameUser: readonly [before: boolean, after: boolean];
}

/**
 * Parts the pairs of two classes by whether both nodes belong to the same user. All nodes of a class that changed hands
 * did so from one user to one other; those that did not are of the same users at both moments.
 */
export function splitByUser(moments: readonly [Moment, Moment], from: NodesEnd, to: NodesEnd): UserPart[] {
  const one = hasMoved(moments, from) ? from : hasMoved(moments, to) ? to : undefined;
  if (!one) {
    return [
      { from, to, among: 'others', sameUser: [false, false] },
      { from, to, among: 'own', sameUser: [true, true] },
    ];
  }
  const other = one === from ? to : from;
  const users = usersOf(moments, one.nodes[0] ?? '');
  const parts = new Map<string, { nodes: string[]; sameUser: [boolean, boolean] }>();
  for (const id of other.nodes) {
    const theirs = usersOf(moments, id);
    const sameUser = [0, 1].map((m) => users[m] !== undefined && users[m] === theirs[m]) as [boolean, boolean];
    const known = parts.get(sameUser.join());
    if (known) known.nodes.push(id);
    else parts.set(sameUser.join(), { nodes: [id], sameUser });
  }
  return [...parts.values()].map(({ nodes, sameUser }) => {
    const part: NodesEnd = nodes.length === other.nodes.length ? other : { ...other, nodes };
    return { from: one === from ? one : part, to: one === from ? part : one, among: 'all', sameUser };
  });
}

const usersOf = (moments: readonly [Moment, Moment], id: string) =>
  moments.map((moment) => moment.members.get(id)?.login);

function hasMoved(moments: readonly [Moment, Moment], end: NodesEnd): boolean {
  const id = end.nodes[0] ?? '';
  const [before, after] = moments.map((moment) => moment.members.get(id));
  return before !== undefined && after !== undefined && before.login !== after.login;
}
