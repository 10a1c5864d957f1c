import type { FlowComparison } from '../flows/compare-flows.js';
import type { End } from '../flows/end.js';
import { V4, V6 } from '../flows/families.js';
import type { Flows } from '../flows/flows.js';
import { isOwnGround } from '../flows/meeting.js';
import type { Moment } from '../flows/moment.js';
import { carries } from '../flows/services.js';
import { PROBES, REMOTE } from './slow-flows.js';

/** The single flows of groups of flows, as `slowFlows` writes them; a flow that is in two groups is there twice. */
export function expandFlows({ flows, moments }: FlowComparison, change: Flows['change']): string[] {
  const moment = moments[change === 'lost' ? 0 : 1];
  return flows.filter((group) => group.change === change).flatMap((group) => expandGroup(group, moment));
}

interface Single {
  readonly end: End;
  readonly node?: string;
  readonly text: string;
  readonly v6: boolean;
}

function expandGroup(group: Flows, moment: Moment): string[] {
  const texts: string[] = [];
  const to = group.to.flatMap((end) => singles(end));
  for (const one of group.from.flatMap((end) => singles(end))) {
    for (const other of to) {
      if (isOwnGround(moment, one.end, other.end)) continue;
      if (one.v6 !== other.v6 || (group.families & (one.v6 ? V6 : V4)) === 0) continue;
      if (one.node !== undefined && one.node === other.node) continue;
      const [user, theirs] = [one, other].map(({ node }) => moment.members.get(node ?? '')?.login);
      const isOwn = user !== undefined && user === theirs;
      if ((group.among === 'own' && !isOwn) || (group.among === 'others' && isOwn)) continue;
      for (const { protocol, port } of PROBES) {
        if (carries(group.services, protocol, port)) texts.push(`${one.text} ${other.text} ${protocol} ${port}`);
      }
    }
  }
  return texts;
}

function singles(end: End): Single[] {
  if (end.kind === 'nodes') {
    return end.nodes.flatMap((node) => [
      { end, node, text: `${node}/v4`, v6: false },
      { end, node, text: `${node}/v6`, v6: true },
    ]);
  }
  const exit = end.exit === undefined ? '' : `@${end.exit}`;
  const addresses = REMOTE.filter((address) => end.cells.some((cell) => cell.addresses.has(address)));
  return addresses.map((address) => ({ end, text: `${address}${exit}`, v6: address.includes(':') }));
}
