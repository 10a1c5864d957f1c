import { evolve, initialState, type RawEvent, type TailnetState } from '#tailnet';
import { advance } from '../advance.js';
import { type Change, emptyChange } from '../change.js';
import { emptyNetwork, type Network } from '../network.js';

/** A state and the network that follows it. */
export interface Followed {
  readonly state: TailnetState;
  readonly network: Network;
  /** From the one before. */
  readonly change: Change;
}

export const UNBORN: Followed = { state: initialState, network: emptyNetwork, change: emptyChange };

export function follow(before: Followed, event: RawEvent): Followed {
  const revision = before.state.revision + 1;
  const state = evolve(before.state, event, { revision, recordedAt: 1_000 * revision, commandId: `c${revision}` });
  return { state, ...advance(before.network, state, event) };
}

/** Everything from the beginning: the unborn network, and the one after each event. */
export function followAll(events: readonly RawEvent[], from: Followed = UNBORN): Followed[] {
  const all = [from];
  for (const event of events) all.push(follow(all.at(-1) ?? from, event));
  return all;
}
