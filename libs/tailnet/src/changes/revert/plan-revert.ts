import { err, ok, type Problem, type Result } from '#kernel';
import type { EventMeta, RawEvent, TailnetEvent } from '../../events.js';
import { evolve } from '../../evolve.js';
import type { TailnetState } from '../../state.js';
import { upcast } from '../../upcast.js';
import type { ProposedCommand } from '../change-commands.js';
import { runCommands, TRIAL } from '../run-commands.js';
import type { Revertible } from './compensation.js';
import { compensationOf } from './compensations.js';

/** What is to be taken back, and everything that has happened since. */
export interface RevertQuestion {
  /** Right before the first event that is to be taken back. */
  readonly before: TailnetState;
  /** From that event to the newest one. */
  readonly events: readonly (RawEvent & EventMeta)[];
  /** How many of them, from the first on, are to be taken back. */
  readonly count: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Why it cannot be taken back, and which later events stand in the way. */
export interface RevertObstacle extends Problem {
  readonly event: { readonly revision: number; readonly type: string };
  readonly later: readonly { readonly revision: number; readonly type: string }[];
}

interface Step {
  readonly raw: RawEvent & EventMeta;
  readonly event: TailnetEvent | undefined;
  readonly before: TailnetState;
  readonly after: TailnetState;
}

/** The commands that take back what some events did; or the first thing that stands in the way. */
export function planRevert(question: RevertQuestion): Result<readonly ProposedCommand[], RevertObstacle> {
  const { before, events, count, now } = question;
  const steps = stepsOf(before, events);
  const later = steps.slice(count);
  let state = steps.at(-1)?.after ?? before;
  const plan: ProposedCommand[] = [];
  for (const step of steps.slice(0, count).reverse()) {
    const way = wayBack(step, count === 1);
    if (!way.ok) return way;
    if (way.value === 'follows') continue;
    const commands = commandsFor(way.value, step, state, later);
    if (!commands.ok) return commands;
    const ran = runCommands(state, commands.value, { actors: TRIAL, now });
    if (!ran.ok) return err(obstacle(step, ran.error.message));
    state = ran.value.state;
    if (!way.value.merges && !isSame(way.value, state, step.before)) {
      return err(obstacle(step, 'nothing brings it back to exactly what it was'));
    }
    plan.push(...commands.value);
  }
  return ok(plan);
}

function stepsOf(start: TailnetState, events: readonly (RawEvent & EventMeta)[]): Step[] {
  let before = start;
  return events.map((raw) => {
    const step = { raw, event: upcast(raw), before, after: evolve(before, raw, raw) };
    before = step.after;
    return step;
  });
}

/** @param alone whether this one event is all that is to be taken back */
function wayBack(step: Step, alone: boolean): Result<Revertible | 'follows', RevertObstacle> {
  if (!step.event) return err(obstacle(step, 'this version does not know such events'));
  const found = compensationOf(step.event.type, step.event.data);
  if (found !== 'follows') return 'impossible' in found ? err(obstacle(step, found.impossible)) : ok(found);
  return alone ? err(obstacle(step, 'it follows from the policy: take back the policy')) : ok(found);
}

function commandsFor(
  way: Revertible,
  step: Step,
  state: TailnetState,
  later: readonly Step[],
): Result<readonly ProposedCommand[], RevertObstacle> {
  if (isSame(way, state, step.before)) return ok([]);
  const changed = way.merges || isSame(way, state, step.after) ? [] : later.filter((one) => alters(way, one));
  const needed = later.filter(({ event }) => event && way.neededBy?.(event, state));
  if (changed.length > 0) return err(obstacle(step, 'it has been changed since', changed));
  if (needed.length > 0) return err(obstacle(step, 'something else depends on it by now', needed));
  const commands = way.restore(step.before, state);
  return typeof commands === 'string' ? err(obstacle(step, commands, blocking(way, step, later))) : ok(commands);
}

/** The later events after which there was no way back any more; none where there never was one. */
const blocking = (way: Revertible, { before: origin }: Step, later: readonly Step[]): Step[] =>
  later.filter(
    (one) =>
      alters(way, one) &&
      typeof way.restore(origin, one.before) !== 'string' &&
      typeof way.restore(origin, one.after) === 'string',
  );

const isSame = ({ aspect }: Revertible, a: TailnetState, b: TailnetState): boolean =>
  JSON.stringify(aspect(a)) === JSON.stringify(aspect(b));

const alters = (way: Revertible, { before, after }: Step): boolean => !isSame(way, before, after);

function obstacle({ raw: { revision, type } }: Step, why: string, later: readonly Step[] = []): RevertObstacle {
  const named = later.map(({ raw }) => ({ revision: raw.revision, type: raw.type }));
  const which = named.map((one) => `${one.type} (revision ${one.revision})`).join(', ');
  return {
    code: later.length > 0 ? 'revert.depended_on' : 'revert.impossible',
    message: `${type} (revision ${revision}) cannot be taken back: ${why}${which && `: ${which}`}`,
    ...(which && { hint: 'take that back first' }),
    event: { revision, type },
    later: named,
  };
}
