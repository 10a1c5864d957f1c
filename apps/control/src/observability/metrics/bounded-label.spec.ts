import { expect, test } from '@jest/globals';
import { BoundedLabel } from './bounded-label.js';

test('the first values are themselves, for ever; later ones are "other"', () => {
  const label = new BoundedLabel(2);
  expect(['a', 'b', 'c', 'a', 'b', 'd'].map((value) => label.of(value))).toEqual([
    'a',
    'b',
    'other',
    'a',
    'b',
    'other',
  ]);
});
