import type { LedgerEvent } from '#event-store';
import { advance, emptyNetwork, type Network } from '#netmap';
import { evolve, initialState, type TailnetState } from '#tailnet';

/** The tailnet after one event. */
export interface Moment {
  readonly revision: number;
  readonly state: TailnetState;
  readonly network: Network;
}

/** Folds a ledger from its first event, and tells of each moment in order. */
export function* momentsOf(ledger: readonly LedgerEvent[]): Generator<Moment> {
  let state = initialState;
  let network = emptyNetwork;
  for (const event of ledger) {
    state = evolve(state, event, event);
    ({ network } = advance(network, state, event));
    yield { revision: event.revision, state, network };
  }
}
