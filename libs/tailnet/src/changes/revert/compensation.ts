import type { TailnetEvent } from '../../events.js';
import type { TailnetState } from '../../state.js';
import type { ProposedCommand } from '../change-commands.js';

/** How what an event did is taken back. */
export interface Revertible {
  /** What such an event sets, in any state: plain data, to compare. */
  readonly aspect: (state: TailnetState) => unknown;
  /** What brings it back to what it was in `before`; a text: why nothing does. */
  readonly restore: (before: TailnetState, now: TailnetState) => readonly ProposedCommand[] | string;
  /** Whether a later edit of the same thing is kept, and not an obstacle. */
  readonly merges?: boolean;
  /** Which later events, whose effect still holds, need what this event made. */
  readonly neededBy?: (event: TailnetEvent, now: TailnetState) => boolean;
}

/**
 * A text says why it cannot be taken back. `follows`: it came of another event, and is taken back with that.
 */
export type Compensation = Revertible | { readonly impossible: string } | 'follows';

/** One entry for each type of a table of events. */
export type Compensations<Events> = { readonly [T in keyof Events]: (data: Events[T]) => Compensation };
