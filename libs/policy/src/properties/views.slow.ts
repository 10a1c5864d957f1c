import { describe, it } from '@jest/globals';
import { expectViewsToAgree } from '../testing/views-agree.js';

describe('the two views of a policy', () => {
  it('let the same packets pass as the slow reading of the file, and hide no peer that packets pass to', () => {
    expectViewsToAgree(300);
  });
});
