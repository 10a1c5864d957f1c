import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareFlows } from '../flows/compare-flows.js';
import { expandFlows } from './expand-flows.js';
import { randomSteps, statesAfter } from './random-states.js';
import { slowFlows } from './slow-flows.js';

/**
 * The law of this library, on random states: the flows that are told as lost and gained, written out one by one, are
 * those that following every packet at both moments finds on one side only, and none is told twice.
 */
export function expectFlowsToAgree(numRuns: number): void {
  const told = { lost: 0, gained: 0 };
  fc.assert(
    fc.property(randomSteps, (steps) => {
      const [before, after] = statesAfter(steps);
      const [old, fresh] = [slowFlows(before), slowFlows(after)];
      const comparison = compareFlows(before, after);
      const expected = { lost: without(old, fresh), gained: without(fresh, old) };
      for (const change of ['lost', 'gained'] as const) {
        expect(expandFlows(comparison, change).sort()).toEqual(expected[change]);
        told[change] += expected[change].length;
      }
    }),
    { numRuns },
  );
  expect(Math.min(told.lost, told.gained)).toBeGreaterThan(numRuns / 10);
}

const without = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...some].filter((flow) => !others.has(flow)).sort();
