import type { End, NodesEnd } from './end.js';
import type { Flows } from './flows.js';
import type { Moment } from './moment.js';

/** Without the nodes that the flows join with nothing but themselves; nothing when that leaves no pair. */
export function prune(flows: Flows, moments: readonly [Moment, Moment]): Flows[] {
  const moment = moments[flows.change === 'lost' ? 0 : 1];
  const from = partnered(flows, moment, 'from', 'to');
  const to = partnered(flows, moment, 'to', 'from');
  return from.length > 0 && to.length > 0 ? [{ ...flows, from, to }] : [];
}

function partnered(flows: Flows, { members }: Moment, one: 'from' | 'to', other: 'from' | 'to'): End[] {
  const ends = flows[one];
  if (!ends.every((end) => end.kind === 'nodes') || !flows[other].every((end) => end.kind === 'nodes'))
    return [...ends];
  const partners = new Set(flows[other].flatMap(({ nodes }) => nodes));
  const loginOf = (id: string) => members.get(id)?.login;
  const devices = new Map<string | undefined, number>();
  for (const id of partners) devices.set(loginOf(id), (devices.get(loginOf(id)) ?? 0) + 1);
  const countOf = (id: string): number => {
    const login = loginOf(id);
    const own = login === undefined ? 0 : (devices.get(login) ?? 0);
    const self = partners.has(id) ? 1 : 0;
    if (flows.among === 'own') return own - (login === undefined ? 0 : self);
    return flows.among === 'all' ? partners.size - self : partners.size - own - (login === undefined ? self : 0);
  };
  return ends.flatMap((end): NodesEnd[] => {
    const nodes = end.nodes.filter((id) => countOf(id) > 0);
    if (nodes.length === end.nodes.length) return [end];
    return nodes.length > 0 ? [{ ...end, nodes }] : [];
  });
}
