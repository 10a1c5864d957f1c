import { describe, expect, it } from '@jest/globals';
import { pointAt } from './point-at.js';

describe('pointAt', () => {
  it('marks the place below the line', () => {
    expect(pointAt('\t"acls": 5, ', 9)).toEqual([' "acls": 5,', '         ^']);
    expect(pointAt('', 0)).toEqual([]);
  });

  it.each([0, 39, 41, 500, 960, 999])('shows the part of a long line around place %i', (at) => {
    const line = `${'.'.repeat(at)}X${'.'.repeat(999 - at)}`;
    const [shown = '', mark = ''] = pointAt(line, at);
    expect(shown[mark.length - 1]).toBe('X');
    expect(shown.length).toBeLessThanOrEqual(102);
  });
});
