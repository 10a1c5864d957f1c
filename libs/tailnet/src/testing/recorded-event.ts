import type { EventMeta, TailnetEvent } from '../events.js';
import { evolve } from '../evolve.js';
import { initialState, type TailnetState } from '../state.js';

/** An event in its place. */
export interface RecordedEvent {
  readonly event: TailnetEvent;
  readonly meta: EventMeta;
}

export const foldAll = (events: Iterable<RecordedEvent>, from: TailnetState = initialState): TailnetState => {
  let state = from;
  for (const { event, meta } of events) state = evolve(state, event, meta);
  return state;
};
