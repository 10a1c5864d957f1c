import type { EventStore } from '#event-store';

/** The event store of this control plane, under a name that it can be injected by. */
export class Ledger {
  constructor(readonly store: EventStore) {}
}
