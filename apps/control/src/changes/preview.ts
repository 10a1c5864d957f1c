import { err, ok, type Problem, problemOf, type Result } from '#kernel';
import { type Impact, workingOutImpact } from '#reach';
import { badBase, type Change, type ProposedCommand, runCommands, type TailnetState, TRIAL } from '#tailnet';
import { inTurns } from '../queries/in-turns.js';
import { RejectedCommand } from '../tailnet/rejected-command.js';

/** What commands would do to a tailnet, or why they would not run. */
export type Preview =
  | { readonly impact: Impact; readonly problem?: undefined }
  | { readonly impact?: undefined; readonly problem: Problem };

const known = new WeakMap<TailnetState, Map<readonly ProposedCommand[], Promise<Preview>>>();

/** What a preview needs of a change. */
export type Previewed = Pick<Change, 'commands' | 'baseRevision'>;

/**
 * Worked out once for a state and a list of commands: all who look at the same change at the same revision see the same.
 * @param now milliseconds since the Unix epoch
 */
export function preview(state: TailnetState, change: Previewed, now: number): Promise<Preview> {
  const { commands } = change;
  const previews = known.get(state) ?? new Map<readonly ProposedCommand[], Promise<Preview>>();
  known.set(state, previews);
  const found = previews.get(commands) ?? compute(state, change, now);
  previews.set(commands, found);
  return found;
}

async function compute(state: TailnetState, change: Previewed, now: number): Promise<Preview> {
  const tried = attempt(state, change, now);
  return tried.ok ? { impact: await inTurns(workingOutImpact(state, tried.value)) } : { problem: tried.error };
}

/** The state that commands lead to, or why they would not run: at a fraction of the cost of a preview. */
export function attempt(
  state: TailnetState,
  { commands, baseRevision }: Previewed,
  now: number,
): Result<TailnetState, Problem> {
  const stale = badBase(state, commands, baseRevision);
  if (stale) return err(stale);
  const ran = runCommands(state, commands, { actors: TRIAL, now });
  return ran.ok ? ok(ran.value.state) : err(problemOf(new RejectedCommand(ran.error)));
}
