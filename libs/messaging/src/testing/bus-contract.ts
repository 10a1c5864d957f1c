import { describe } from '@jest/globals';
import { type BusFactory, BusUnderTest } from './bus-under-test.js';
import { deliveryContract } from './delivery-contract.js';
import { keptContract } from './kept-contract.js';

export interface BusContractOptions {
  /** How often the laws are tried; few where each costs a broker's time. */
  readonly runs: number;
}

/** What every adapter of `Bus` must do. Call it in the adapter's spec. */
export function busContract(name: string, options: BusContractOptions, factory: BusFactory): void {
  describe(`bus contract: ${name}`, () => {
    const subject = new BusUnderTest(factory);
    deliveryContract(subject);
    keptContract(subject, options);
  });
}
