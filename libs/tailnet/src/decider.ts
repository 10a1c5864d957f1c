import { err, ok, type Problem, type Result } from '#kernel';
import type { PolicyProblem } from '#policy';
import type { Standing } from './authorise.js';
import type { CommandActor } from './commands.js';
import type { EventData, EventType, TailnetEvent } from './events.js';
import type { TailnetState } from './state.js';

/** Why a command is refused. */
export interface Rejection extends Problem {
  /** Everything that is wrong with a policy, warnings included; only with code `policy.invalid`. */
  readonly problems?: readonly PolicyProblem[];
}

/** The events to append, none when all is as the command wants it already; or why not. */
export type Decision = Result<readonly TailnetEvent[], Rejection>;

/** Who wants it and when; that they may is settled, see `authorise`. */
export interface Request {
  readonly now: number;
  readonly actor: CommandActor;
  readonly standing: Standing;
  /** Whether the actor may do this to anything, or only to what is their own. */
  readonly reach: 'any' | 'own';
  /** The user who acts, or whose token does; undefined: a node, the system, or a token of nobody's. */
  readonly person: string | undefined;
  readonly commandId: string;
  /** Why the rules of review are to be set aside, if so. */
  readonly emergency: string | undefined;
}

export type Decider<Data> = (state: TailnetState, data: Data, request: Request) => Decision;

/** One decider per type of a table of commands. */
export type Deciders<Commands> = { readonly [T in keyof Commands]: Decider<Commands[T]> };

export const event = <T extends EventType>(type: T, data: EventData[T]): TailnetEvent<T> =>
  ({ type, version: 1, data }) as TailnetEvent<T>;

/** The decision to append one event. */
export const record = <T extends EventType>(type: T, data: EventData[T]): Decision =>
  ok([event(type, data) as TailnetEvent]);

export const reject = (rejection: Rejection): Result<never, Rejection> => err(rejection);

/** All is as the command wants it already. */
export const ALREADY_SO: Decision = ok([]);
