import { Command, InvalidArgumentError } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { AdminProblem } from '../../admin/admin-problem.js';
import { conflictLines, staleEditOf } from '../../admin/stale-edit.js';
import { type Io, remark } from '../../output/io.js';
import { formatInstant, parseSpan } from '../../output/time.js';
import { type AdminOptions, adminOf, printChanged, segment, withAdmin } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';

export const applyChange: CommandFactory = (io) =>
  withAdmin(new Command('apply'))
    .summary('apply a change, whole or not at all')
    .argument('<change>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      try {
        const done = await adminOf(io, options).call<Changed>(`POST /changes/${segment(id)}/apply`);
        printChanged(io, options, done, `${id} is applied.`);
      } catch (error) {
        explain(io, id, error);
        throw error;
      }
    });

/** What the server knows beyond the sentence: how the change differs from what was approved, or from other edits. */
function explain(io: Io, id: string, error: unknown): void {
  const stale = staleEditOf(error);
  if (stale?.merged === null) for (const line of conflictLines(stale)) remark(io, line);
  else if (stale) remark(io, `# both edits go together: netfold change renew ${id}`);
  const { added = [], gone = [] } = differenceIn(error);
  for (const line of added) remark(io, `  + ${line}`);
  for (const line of gone) remark(io, `  - ${line}`);
}

interface Difference {
  readonly added?: readonly string[];
  readonly gone?: readonly string[];
}

const differenceIn = (error: unknown): Difference =>
  (error instanceof AdminProblem && (error.details as { difference?: Difference } | undefined)?.difference) || {};

export const withdrawChange: CommandFactory = (io) =>
  withAdmin(new Command('withdraw'))
    .summary('withdraw a change')
    .argument('<change>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      const done = await adminOf(io, options).call<Changed>(`POST /changes/${segment(id)}/withdraw`);
      printChanged(io, options, done, `${id} is withdrawn.`);
    });

export const scheduleChange: CommandFactory = (io) => {
  const command = withAdmin(new Command('schedule'))
    .summary('have a change applied at a time')
    .argument('<change>', 'its id')
    .requiredOption('--at <time>', 'when: 2026-11-01T22:00Z, or in how long: 2h; never: not any more', (text) =>
      timeOf(text, io.now()),
    )
    .action(async (id: string, { at, ...options }: AdminOptions & { at: number | null }) => {
      const done = await adminOf(io, options).call<Changed>(`POST /changes/${segment(id)}/schedule`, { body: { at } });
      const when =
        at === null ? 'is not scheduled any more' : `is to be applied at ${formatInstant(at).slice(0, 16)} UTC`;
      printChanged(io, options, done, `${id} ${when}.`);
    });
  return examples(command, ['netfold change schedule c3f9a01c2de --at 2026-11-01T22:00Z', 'after work']);
};

/** @param now milliseconds since the Unix epoch */
function timeOf(text: string, now: number): number | null {
  if (text === 'never') return null;
  const inWhile = parseSpan(text);
  if (inWhile !== undefined) return now + inWhile;
  // Without a zone a time would be another one on another machine.
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InvalidArgumentError('Write it like 2026-11-01T22:00Z or 2026-11-01T22:00+01:00, or like 90m, 2h or 1d.');
}

export const acknowledgeOverride: CommandFactory = (io) =>
  withAdmin(new Command('acknowledge'))
    .summary('take note of an emergency that somebody else declared')
    .argument('<emergency>', 'its id')
    .action(async (id: string, options: AdminOptions) => {
      const done = await adminOf(io, options).call<Changed>(`POST /overrides/${segment(id)}/acknowledge`);
      printChanged(io, options, done, `${id} is acknowledged.`);
    });
