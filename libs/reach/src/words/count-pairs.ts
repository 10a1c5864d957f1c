import type { End } from '../flows/end.js';
import type { Flows } from '../flows/flows.js';
import { isOwnGround } from '../flows/meeting.js';
import type { Moment } from '../flows/moment.js';

/** How many pairs of nodes and prefixes some flows are between, without looking at each. */
export function countPairs({ from, to, among }: Flows, moment: Moment): number {
  const { members } = moment;
  const [sources, destinations] = [nodesIn(from), nodesIn(to)];
  const all =
    (sources.length + prefixesIn(from)) * (destinations.length + prefixesIn(to)) - onOwnGround(from, to, moment);
  const targets = new Set(destinations);
  const selves = sources.filter((id) => targets.has(id));
  if (among === 'all') return all - selves.length;
  const loginOf = (id: string) => members.get(id)?.login;
  const devices = tally(destinations.map(loginOf));
  const own = sources.reduce((sum, id) => sum + (devices.get(loginOf(id) ?? '') ?? 0), 0);
  const owned = selves.filter((id) => loginOf(id) !== undefined).length;
  return among === 'own' ? own - owned : all - own - (selves.length - owned);
}

/** The pairs that meet without the tailnet. */
const onOwnGround = (from: readonly End[], to: readonly End[], moment: Moment): number =>
  from.reduce((sum, one) => {
    const own = to.filter((other) => isOwnGround(moment, one, other));
    return own.reduce((count, other) => count + sizeOf(one) * sizeOf(other), sum);
  }, 0);

const sizeOf = (end: End): number => (end.kind === 'cells' ? end.cells.length : end.nodes.length);

const nodesIn = (ends: readonly End[]): string[] => ends.flatMap((end) => (end.kind === 'nodes' ? end.nodes : []));

const prefixesIn = (ends: readonly End[]): number =>
  ends.reduce((sum, end) => sum + (end.kind === 'cells' ? end.cells.length : 0), 0);

function tally(names: readonly (string | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
