import { formatInstant } from '../../output/time.js';

/** An event of the ledger, as far as a person reads it. */
export interface LogEntry {
  readonly id: string;
  readonly revision: number;
  readonly recordedAt: number;
  readonly type: string;
  readonly by: string;
  readonly person?: string;
  readonly actor: { readonly kind: string; readonly id: string; readonly from?: string; readonly via?: string };
  readonly summary: string;
  readonly reason?: string;
  readonly commandId: string;
  readonly hash: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const LOG_COLUMNS = ['REV', 'TIME (UTC)', 'BY', 'FROM', 'EVENT', 'WHAT'];

export const logRow = (entry: LogEntry): string[] => [
  String(entry.revision),
  formatInstant(entry.recordedAt),
  byWhom(entry),
  fromWhere(entry),
  entry.type,
  entry.reason === undefined ? entry.summary : `${entry.summary} — ${entry.reason}`,
];

/** `ci for alice@example.com`: the person is said when a token acted. */
export const byWhom = ({ by, person }: Pick<LogEntry, 'by' | 'person'>): string =>
  person === undefined ? by : `${by} for ${person}`;

/** `cli 192.0.2.7` */
export const fromWhere = ({ actor: { from, via } }: LogEntry): string =>
  [via, from].filter((part) => part !== undefined).join(' ') || '-';
