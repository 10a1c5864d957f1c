import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import type { LedgerEvent } from '../event.js';
import type { Appended, EventStore } from '../event-store.js';
import { testEvents } from './fixtures.js';

/** What the contract needs of an adapter, for one test. */
export interface StoreHarness {
  /** Opens the store; with `persistent`, again after it was closed, with what it held. */
  open(): Promise<EventStore>;
  /** Removes what the store left behind; the store is closed by then. */
  dispose(): Promise<void>;
}

export type StoreFactory = () => Promise<StoreHarness>;

/**
 * The store of the running test. The suite may run against a server that holds other data, so streams have names
 * of their own and what spans streams is read from `start` on.
 */
export class StoreUnderTest {
  #harness: StoreHarness | undefined;
  #store: EventStore | undefined;
  #suffix = '';
  /** The position before everything that the test appends. */
  start = 0;

  constructor(factory: StoreFactory) {
    beforeEach(async () => {
      this.#harness = await factory();
      this.#store = await this.#harness.open();
      this.#suffix = randomUUID();
      const marker = this.stream('marker');
      this.start = (await this.store.append(marker, -1, testEvents(marker, 1))).position;
    });
    afterEach(async () => {
      await this.#store?.close();
      await this.#harness?.dispose();
    });
  }

  get store(): EventStore {
    if (!this.#store) throw new Error('there is a store only while a test runs');
    return this.#store;
  }

  /** The name of a stream of this test. */
  stream(name = 'tailnet'): string {
    return `${name}-${this.#suffix}`;
  }

  async reopen(): Promise<EventStore> {
    await this.store.close();
    this.#store = await this.#harness?.open();
    return this.store;
  }

  /** Appends where the events themselves say. */
  append(events: readonly LedgerEvent[]): Promise<Appended> {
    const [first] = events;
    if (!first) throw new Error('a test appends at least one event');
    return this.store.append(first.stream, first.revision - 1, events);
  }
}
