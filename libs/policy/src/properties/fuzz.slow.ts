import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText, damaged, looseTokens, oddlyTyped, shuffled, takeThrough } from '../testing/fuzz-policy.js';

describe('a policy file out of anything, at length', () => {
  it.each([
    ['a valid one that is damaged', damaged],
    ['a valid one with two texts in each other’s place', shuffled],
    ['random text', anyText],
    ['tokens in any order', looseTokens],
    ['values of the wrong kind', oddlyTyped],
  ])(
    'is read or refused with problems that have a place: %s',
    (_, texts) => {
      fc.assert(fc.property(texts, takeThrough), { numRuns: 4_000 });
    },
    300_000,
  );
});
