import { describe } from '@jest/globals';
import { appendContract } from './append-contract.js';
import { persistenceContract } from './persistence-contract.js';
import { readContract } from './read-contract.js';
import { retryContract } from './retry-contract.js';
import { type StoreFactory, StoreUnderTest } from './store-under-test.js';
import { subscriptionContract } from './subscription-contract.js';

export type { StoreFactory, StoreHarness } from './store-under-test.js';

export interface ContractOptions {
  /** False only for a store that is meant to be gone when it is closed. */
  readonly persistent: boolean;
}

/** What every adapter of `EventStore` must do. Call it in the adapter's spec. */
export function eventStoreContract(name: string, { persistent }: ContractOptions, factory: StoreFactory): void {
  describe(`event store contract: ${name}`, () => {
    const subject = new StoreUnderTest(factory);
    appendContract(subject);
    retryContract(subject);
    readContract(subject);
    subscriptionContract(subject);
    if (persistent) persistenceContract(subject);
  });
}
