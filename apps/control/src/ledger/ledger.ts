import type { EventStore } from '#event-store';

/** The event store of this control plane, as people may read it, under a name that it can be injected by. */
export class Ledger {
  constructor(readonly store: EventStore) {}
}
