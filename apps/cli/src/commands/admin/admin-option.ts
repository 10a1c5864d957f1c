import { type Command, InvalidArgumentError } from 'commander';
import { AdminClient, type Changed, type Notice } from '../../admin/admin-client.js';
import { credentialsOf } from '../../admin/credentials.js';
import { seenWith } from '../../admin/seen-revisions.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { parseSpan } from '../../output/time.js';

/** What every admin command takes. */
export interface AdminOptions {
  readonly server?: string;
  readonly json?: boolean;
  readonly reason?: string;
  readonly emergency?: string;
}

/** Gives a command that only asks the control plane its options. */
export const withQuery = (command: Command): Command =>
  command
    .option('--server <url>', 'the control plane (default: NETFOLD_SERVER, or where you logged in)')
    .option('--json', 'print the answer as JSON');

/** Gives a command that changes something there its options. */
export const withAdmin = (command: Command): Command =>
  withQuery(command)
    .option('--reason <text>', 'why; the ledger keeps it with the change')
    .option('--emergency <why>', 'do it without the approvals that it needs; this is announced');

export function adminOf(io: Io, { server, reason, emergency }: AdminOptions): AdminClient {
  const credentials = credentialsOf(io, server);
  const grounds = { reason, emergency, trace: io.env.TRACEPARENT };
  return new AdminClient(credentials, grounds, (notice) => announce(io, notice), seenWith(io, credentials.token));
}

const announced = new WeakMap<Io, Set<Notice['kind']>>();

/** Once a command: it is not what was asked for. */
function announce(io: Io, notice: Notice): void {
  const before = announced.get(io) ?? new Set();
  if (before.has(notice.kind)) return;
  announced.set(io, before.add(notice.kind));
  remark(io, `# ${words(notice)}`);
}

function words(notice: Notice): string {
  if (notice.kind === 'paused') return `the network stands still at ${notice.where}: netfold server status`;
  const what = notice.count === 1 ? 'an emergency waits' : `${notice.count} emergencies wait`;
  return `${what} to be acknowledged: netfold change list`;
}

/** Says what a change did. */
export function printChanged(io: Io, { json }: AdminOptions, changed: Changed, done: string): void {
  if (json) printJson(io, changed);
  else print(io, changed.events.length > 0 ? `${done} (revision ${changed.revision})` : 'It was so already.');
}

/** A part of a path, whatever a name contains. */
export const segment = (name: string): string => encodeURIComponent(name);

/** `90d` in milliseconds; `never` is null. */
export function span(text: string): number | null {
  if (text === 'never') return null;
  const ms = parseSpan(text);
  if (ms === undefined) throw new InvalidArgumentError('Write it like 90s, 15m, 12h, 7d or 2w, or never.');
  return ms;
}
