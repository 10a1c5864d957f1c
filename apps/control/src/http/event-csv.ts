import type { EventView } from '../ledger/event-view.js';

const COLUMNS: readonly (readonly [name: string, value: (event: EventView) => string | number | undefined])[] = [
  ['revision', ({ revision }) => revision],
  ['time', ({ recordedAt }) => new Date(recordedAt).toISOString()],
  ['actor_kind', ({ actor }) => actor.kind],
  ['actor_id', ({ actor }) => actor.id],
  ['by', ({ by }) => by],
  ['person', ({ person }) => person],
  ['from', ({ actor }) => actor.from],
  ['via', ({ actor }) => actor.via],
  ['type', ({ type }) => type],
  ['summary', ({ summary }) => summary],
  ['reason', ({ reason }) => reason],
  ['id', ({ id }) => id],
  ['hash', ({ hash }) => hash],
];

/** Events as comma-separated values (RFC 4180), with a line of column names. */
export async function* csvLines(events: AsyncIterable<EventView>): AsyncGenerator<string> {
  yield row(COLUMNS.map(([name]) => name));
  for await (const event of events) yield row(COLUMNS.map(([, value]) => String(value(event) ?? '')));
}

const row = (values: readonly string[]): string => `${values.map(field).join(',')}\r\n`;

function field(value: string): string {
  // A spreadsheet would take it for a formula, and people choose names and reasons (OWASP, CSV Injection).
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
