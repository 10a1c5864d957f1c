import type { Painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';

/** Ends of flows as the control plane names them. */
interface Named {
  readonly text: string;
  readonly count: number;
}

/** Flows between two sets of ends, as the control plane tells of them. */
export interface FlowEntry {
  readonly from: Named;
  readonly to: Named;
  readonly services: readonly string[];
  readonly family?: 'IPv4' | 'IPv6';
  readonly among: 'all' | 'own' | 'others';
  readonly through: readonly string[];
}

const AMONG = { all: '', own: ' (of the same user)', others: ' (of other users)' };

/** Flows as a table: who, what, how many ends that are, and through which rules. */
export function flowTable(paint: Painter, entries: readonly FlowEntry[]): string[] {
  const rows = entries.map(({ from, to, services, family, among, through }) => [
    from.text,
    `${to.text}${AMONG[among]}`,
    services.join(', ') + (family ? ` over ${family}` : ''),
    `${from.count} → ${to.count}`,
    paint('dim', through.join(', ') || '-'),
  ]);
  return formatTable([['FROM', 'TO', 'SERVICES', 'ENDS', 'THROUGH'], ...rows]);
}
