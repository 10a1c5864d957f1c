import type { EventMeta } from './events.js';
import type { TailnetState } from './state.js';

/** The state after an event; the event is well-formed, but need not make sense in this state. */
export type Evolver<Data> = (state: TailnetState, data: Data, meta: EventMeta) => TailnetState;

/** One evolver per type of a table of events. */
export type Evolvers<Events> = { readonly [T in keyof Events]: Evolver<Events[T]> };
