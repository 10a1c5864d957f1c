import { test } from '@jest/globals';
import { expectFlowsToAgree } from '../testing/flows-agree.js';

test('what is told as lost and gained is what following every packet at both moments finds, at length', () => {
  expectFlowsToAgree(1_000);
});
