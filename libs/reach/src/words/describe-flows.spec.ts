import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareFlows } from '../flows/compare-flows.js';
import type { End } from '../flows/end.js';
import { select } from '../reach/selection.js';
import { randomSteps, statesAfter } from '../testing/random-states.js';
import { describeFlows } from './describe-flows.js';

const nodesIn = (ends: readonly End[]): string[] => ends.flatMap((end) => (end.kind === 'nodes' ? end.nodes : []));

test('names that are exact stand for these nodes and no others', () => {
  let exact = 0;
  fc.assert(
    fc.property(randomSteps, (steps) => {
      const comparison = compareFlows(...statesAfter(steps));
      for (const group of comparison.flows) {
        const moment = comparison.moments[group.change === 'lost' ? 0 : 1];
        const [change] = describeFlows({ ...comparison, flows: [group] });
        for (const side of ['from', 'to'] as const) {
          const nodes = nodesIn(group[side]);
          const named = change?.[side];
          if (nodes.length === 0 || !named?.exact) continue;
          exact++;
          const selected = new Set(named.names.flatMap((name) => [...select(moment, name).nodes]));
          for (const name of named.except ?? []) for (const id of select(moment, name).nodes) selected.delete(id);
          expect([named.text, [...selected].sort()]).toEqual([named.text, [...nodes].sort()]);
          expect(named.count).toBe(nodes.length);
        }
      }
    }),
    { numRuns: 40 },
  );
  expect(exact).toBeGreaterThan(5);
});
