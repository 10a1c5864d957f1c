import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPolicy } from '../check/read-policy.js';
import {
  anyText,
  damaged,
  looseTokens,
  oddlyTyped,
  setInManyRules,
  shuffled,
  takeThrough,
} from '../testing/fuzz-policy.js';

describe('a policy file out of anything, at length', () => {
  it.each([
    ['a valid one that is damaged', damaged],
    ['a valid one with two texts in each other’s place', shuffled],
    ['random text', anyText],
    ['tokens in any order', looseTokens],
    ['values of the wrong kind', oddlyTyped],
  ])('is read or refused with problems that have a place: %s', (_, texts) => {
    fc.assert(fc.property(texts, takeThrough), { numRuns: 4_000 });
  });
});

it('a policy has a limit where parts multiply: an IP set as the source of many rules', () => {
  expect(readPolicy(setInManyRules('ipset:a', 'u@x.y:22'), {}).problems).toMatchObject([
    { code: 'policy.too_large', line: 1 },
  ]);
});
