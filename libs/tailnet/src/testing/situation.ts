import type { Map as PersistentMap } from 'immutable';
import type { CommandActor, CommandData, CommandType, TailnetCommand } from '../commands.js';
import type { TailnetState } from '../state.js';
import { theSystem } from './tailnet-builder.js';

/** What there is when a step of a random history is taken; `a`, `b` and `c` pick from that. */
export interface Situation {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly state: TailnetState;
  readonly now: number;
  /** Counts the steps, so that it makes fresh ids and keys. */
  readonly serial: number;
  readonly maxNodes: number;
}

export interface Chosen {
  readonly command: TailnetCommand;
  readonly actor: CommandActor;
  readonly emergency?: string;
}

export type Maker = (situation: Situation) => Chosen | undefined;

export const bySystem = <T extends CommandType>(type: T, data: CommandData[T]): Chosen => ({
  command: { type, data } as TailnetCommand,
  actor: theSystem,
});

export const pick = <T>(items: readonly T[], choice: number): T => items[choice % items.length] as T;

export const entry = <T>(map: PersistentMap<string, T>, choice: number): T | undefined =>
  map.isEmpty() ? undefined : map.valueSeq().get(choice % map.size);
