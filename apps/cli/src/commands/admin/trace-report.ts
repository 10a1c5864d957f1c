import type { Painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { byWhom, fromWhere, type LogEntry } from './log-entry.js';

interface KindCounts {
  readonly removed: number;
  readonly replaced: number;
  readonly added: number;
}

type Counts = Readonly<Record<string, KindCounts>>;

interface NodeTrace {
  readonly name: string;
  readonly state: 'applied' | 'behind' | 'gone';
  readonly changes: Counts;
  readonly at?: number;
  readonly exact?: boolean;
  readonly frame?: { readonly revision: number; readonly base?: number; readonly bytes: number };
  readonly sentAt?: number;
  readonly online: boolean;
  readonly lastSeen?: number;
}

/** What a netmap is made of; `src` and what follows is of rules. */
interface Item {
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
  readonly src?: readonly RuleEnd[];
  readonly dst?: RuleEnd;
  readonly ports?: readonly { readonly first: number; readonly last: number }[];
}

interface RuleEnd {
  readonly kind: string;
  readonly label?: string;
  readonly prefix?: string;
}

/** How an event took effect, as the control plane tells of it. */
export interface TraceReport {
  readonly event: LogEntry;
  readonly concerned: number;
  readonly applied: number;
  readonly behind: number;
  readonly gone: number;
  readonly inForceAt?: number;
  readonly exact: boolean;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  readonly nodes: readonly NodeTrace[];
  readonly step?: { readonly removed: readonly Item[]; readonly upserted: readonly { before?: Item; after: Item }[] };
}

/** So many machines are told of by name; `--all` tells of all. */
const MAX_NAMED = 5;

/** A report for people. @param rows at most so many machines */
export function traceLines(report: TraceReport, paint: Painter, rows: number): string[] {
  const { event, nodes, step, gaps } = report;
  const shown = nodes.slice(0, rows);
  const table = formatTable([COLUMNS, ...shown.map((node) => rowOf(node, event, paint))]);
  return [
    `${paint('bold', event.summary)} (revision ${event.revision})`,
    `${formatInstant(event.recordedAt)} UTC, by ${byWhom(event)}${event.actor.from === undefined ? '' : `, from ${fromWhere(event)}`}`,
    ...(event.reason === undefined ? [] : [`why: ${event.reason}`]),
    '',
    summaryOf(report),
    ...(nodes.length > 0 ? ['', ...table] : []),
    ...(nodes.length > rows ? [`and ${nodes.length - rows} more; --all shows them`] : []),
    ...(step ? ['', ...stepLines(step, paint)] : []),
    ...gaps.map(({ from, to }) => {
      const [start, end] = [formatInstant(from), formatInstant(to)];
      return paint(
        'yellow',
        `The server ended without warning; what it learnt between ${start} and ${end} may be lost.`,
      );
    }),
  ];
}

/** `concerned 12 · applied 11 · behind 1 (laptop-2, offline since …) · not in force everywhere yet` */
export function summaryOf({ event, concerned, applied, behind, gone, inForceAt, exact, nodes }: TraceReport): string {
  const late = nodes.filter(({ state }) => state === 'behind');
  const names = late.slice(0, MAX_NAMED).map((node) => `${node.name}, ${whyBehind(node)}`);
  const more = late.length > MAX_NAMED ? [`and ${late.length - MAX_NAMED} more`] : [];
  const parts = [
    `concerned ${concerned}`,
    `applied ${applied}`,
    `behind ${behind}${late.length > 0 ? ` (${[...names, ...more].join('; ')})` : ''}`,
    ...(gone > 0 ? [`gone ${gone}`] : []),
  ];
  if (inForceAt === undefined) return [...parts, 'not in force everywhere yet'].join(' · ');
  const after = `${exact ? '' : 'at the latest, '}+${inForceAt - event.recordedAt} ms`;
  return [...parts, `in force everywhere at ${timeOf(inForceAt, event)} UTC (${after})`].join(' · ');
}

const COLUMNS = ['MACHINE', 'STATE', 'AT (UTC)', 'AFTER', 'CHANGED', 'SENT WITH'];

function rowOf(node: NodeTrace, event: LogEntry, paint: Painter): string[] {
  const { name, state, at, exact, changes } = node;
  const colour = state === 'applied' ? 'green' : state === 'behind' ? 'yellow' : 'dim';
  const by = exact === false ? '≤ ' : '';
  return [
    name,
    paint(colour, state),
    at === undefined ? '-' : by + timeOf(at, event),
    at === undefined ? '-' : `${by}+${at - event.recordedAt} ms`,
    countsText(changes) || '-',
    sentWith(node),
  ];
}

function sentWith({ frame, state, exact, ...node }: NodeTrace): string {
  if (!frame)
    return state === 'behind' ? whyBehind({ ...node, state }) : exact === false ? 'held it when it came back' : '-';
  const from = frame.base === undefined ? 'whole netmap' : `${frame.base} → ${frame.revision}`;
  return `${from}, ${frame.bytes} bytes`;
}

function whyBehind({ online, lastSeen, sentAt }: Omit<NodeTrace, 'frame' | 'exact'>): string {
  if (!online) return lastSeen === undefined ? 'never connected' : `offline since ${formatInstant(lastSeen)}`;
  return sentAt === undefined ? 'online, not sent yet' : `online, sent at ${formatInstant(sentAt).slice(11)}`;
}

/** `-1 peer ~2 rule +1 route` */
const countsText = (counts: Counts): string =>
  Object.entries(counts)
    .flatMap(([kind, { removed, replaced, added }]) => [
      removed > 0 ? `-${removed} ${kind}` : '',
      replaced > 0 ? `~${replaced} ${kind}` : '',
      added > 0 ? `+${added} ${kind}` : '',
    ])
    .filter((part) => part !== '')
    .join(' ');

/** Without the day when that is the event's own. */
function timeOf(time: number, { recordedAt }: LogEntry): string {
  const [text, day] = [formatInstant(time), formatInstant(recordedAt).slice(0, 10)];
  return text.startsWith(day) ? text.slice(11) : text;
}

function stepLines({ removed, upserted }: NonNullable<TraceReport['step']>, paint: Painter): string[] {
  const title = (item: Item) => `${item.kind} ${item.name ?? ruleText(item) ?? item.id}`;
  return [
    ...removed.map((item) => paint('red', `- ${title(item)}`)),
    ...upserted.map(({ before, after }) =>
      before
        ? paint('yellow', `~ ${title(after)}: ${differences(before, after)}`)
        : paint('green', `+ ${title(after)}`),
    ),
  ];
}

/** `group:eng to tag:db:5432`; undefined of what is no rule. */
function ruleText({ src, dst, ports = [] }: Item): string | undefined {
  if (!src || !dst) return undefined;
  const end = ({ kind, label, prefix }: RuleEnd) => label ?? prefix ?? kind;
  const ranges = ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return `${src.map(end).join(', ')} to ${end(dst)}${ranges.length > 0 ? `:${ranges.join(',')}` : ''}`;
}

/** `name "a" → "b"` for each member that differs. */
function differences(before: Item, after: Item): string {
  const [old, fresh] = [
    new Map<string, unknown>(Object.entries(before)),
    new Map<string, unknown>(Object.entries(after)),
  ];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .map((key) => [key, JSON.stringify(old.get(key)), JSON.stringify(fresh.get(key))] as const)
    .filter(([, was, is]) => was !== is)
    .map(([key, was = 'nothing', is = 'nothing']) => `${key} ${was} → ${is}`)
    .join(', ');
}
