import type { EventStore } from '../event-store.js';
import { LocalEventStore } from '../local/local-event-store.js';
import { MemoryTable } from './memory-table.js';

/** An event store that lives as long as the process: for tests and simulations. */
export const memoryEventStore = (): EventStore => new LocalEventStore(new MemoryTable());
