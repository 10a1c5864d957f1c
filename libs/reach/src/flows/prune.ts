import type { End, NodesEnd } from './end.js';
import type { Flows } from './flows.js';
import { isOwnGround } from './meeting.js';
import type { Moment } from './moment.js';

/** Without the ends that the flows join with nothing but themselves or their own ground; nothing when that leaves none. */
export function prune(flows: Flows, moments: readonly [Moment, Moment]): Flows[] {
  const moment = moments[flows.change === 'lost' ? 0 : 1];
  const from = partnered(flows, moment, 'from', 'to');
  const to = partnered(flows, moment, 'to', 'from');
  return from.length > 0 && to.length > 0 ? [{ ...flows, from, to }] : [];
}

const isNodes = (end: End): end is NodesEnd => end.kind === 'nodes';

function partnered(flows: Flows, moment: Moment, one: 'from' | 'to', other: 'from' | 'to'): End[] {
  const [ends, others] = [flows[one], flows[other]];
  if (ends.every(isNodes) && others.every(isNodes)) return partneredNodes(ends, others, flows.among, moment);
  return ends.filter((end) => others.some((partner) => !isOwnGround(moment, end, partner)));
}

function partneredNodes(
  ends: readonly NodesEnd[],
  others: readonly NodesEnd[],
  among: Flows['among'],
  { members }: Moment,
): End[] {
  const partners = new Set(others.flatMap(({ nodes }) => nodes));
  const loginOf = (id: string) => members.get(id)?.login;
  const devices = new Map<string | undefined, number>();
  for (const id of partners) devices.set(loginOf(id), (devices.get(loginOf(id)) ?? 0) + 1);
  const countOf = (id: string): number => {
    const login = loginOf(id);
    const own = login === undefined ? 0 : (devices.get(login) ?? 0);
    const self = partners.has(id) ? 1 : 0;
    if (among === 'own') return own - (login === undefined ? 0 : self);
    return among === 'all' ? partners.size - self : partners.size - own - (login === undefined ? self : 0);
  };
  return ends.flatMap((end): NodesEnd[] => {
    const nodes = end.nodes.filter((id) => countOf(id) > 0);
    if (nodes.length === end.nodes.length) return [end];
    return nodes.length > 0 ? [{ ...end, nodes }] : [];
  });
}
