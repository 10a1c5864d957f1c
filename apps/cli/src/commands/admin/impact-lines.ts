import type { Painter } from '../../output/style.js';
import { type FlowEntry, flowTable } from './flow-table.js';

/** What a change of the tailnet means, as the control plane tells of it. */
export interface ImpactView {
  readonly changes: readonly { readonly about: string; readonly subject: string; readonly what: string }[];
  readonly policy: readonly PolicyLine[];
  readonly lost: readonly FlowEntry[];
  readonly gained: readonly FlowEntry[];
  readonly isComplete: boolean;
  readonly nodes: { readonly count: number };
  readonly failingTests: readonly { readonly message: string; readonly line: number }[];
}

interface PolicyLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  readonly before?: number;
  readonly after?: number;
}

/** An impact for people: what differs, the policy's lines, the flows that were lost and gained, the tests that fail. */
export function impactLines(paint: Painter, impact: ImpactView): string[] {
  const { changes, policy, lost, gained, isComplete, nodes, failingTests } = impact;
  const section = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? ['', paint('bold', title), ...lines] : [];
  const machines = nodes.count === 1 ? '1 machine loses or gains' : `${nodes.count} machines lose or gain`;
  const flows = (title: string, entries: readonly FlowEntry[]) =>
    section(title, entries.length > 0 ? flowTable(paint, entries) : []);
  return [
    ...section('Changes', changeLines(changes)),
    ...section('Policy', policyLines(policy, paint)),
    ...flows(paint('red', 'Flows lost'), lost),
    ...flows(paint('green', 'Flows gained'), gained),
    ...section(
      'Policy tests that fail',
      failingTests.map(({ line, message }) => paint('red', `line ${line}: ${message}`)),
    ),
    '',
    lost.length + gained.length > 0 ? `${machines} flows.` : 'No flow is lost or gained.',
    ...(isComplete ? [] : [paint('yellow', 'There are more: the policy tells too many apart to look at all.')]),
  ].slice(1);
}

/** So many subjects of the same change are told by name. */
const MAX_NAMED = 5;

/** Changes that say the same of many are one line. */
function changeLines(changes: ImpactView['changes']): string[] {
  const alike = new Map<string, ImpactView['changes'][number][]>();
  for (const change of changes) {
    const key = `${change.about} ${change.what}`;
    alike.set(key, [...(alike.get(key) ?? []), change]);
  }
  return [...alike.values()].map((group) => {
    const [first] = group;
    const names = group.slice(0, MAX_NAMED).map(({ subject }) => subject);
    const more = group.length > names.length ? ` and ${group.length - names.length} more` : '';
    return `  ${(first?.about ?? '').padEnd(8)}${names.join(', ')}${more}: ${first?.what}`;
  });
}

function policyLines(lines: readonly PolicyLine[], paint: Painter): string[] {
  const width = String(Math.max(0, ...lines.flatMap(({ before, after }) => [before ?? 0, after ?? 0]))).length;
  const signs = { same: ' ', removed: '-', added: '+' };
  const colours = { same: 'dim', removed: 'red', added: 'green' } as const;
  let last: PolicyLine | undefined;
  return lines.flatMap((line) => {
    const gap = last?.kind === 'same' && line.before !== undefined && line.before > (last.before ?? 0) + 1;
    last = line;
    const number = String(line.after ?? line.before ?? '').padStart(width);
    return [...(gap ? ['  …'] : []), `  ${paint(colours[line.kind], `${number} ${signs[line.kind]} ${line.text}`)}`];
  });
}
