import { describe, expect, test } from '@jest/globals';
import { Outcomes } from './outcomes.js';

describe('Outcomes', () => {
  test('remember the last event of a command', () => {
    const outcomes = Outcomes.NONE.with('a', 0).with('b', 1).with('b', 2);
    expect(['a', 'b', 'c'].map((id) => outcomes.revisionOf(id))).toEqual([0, 2, undefined]);
    expect(outcomes.size).toBe(2);
  });

  test('tell a command that is repeated from another one under its id, by the fingerprint', () => {
    const outcomes = Outcomes.NONE.with('a:one', 3).with('b', 4);
    expect(['a:one', 'a', 'b:any', 'b'].map((id) => outcomes.revisionOf(id))).toEqual([3, 3, 4, 4]);
    expect(outcomes.revisionOf('a:two')).toBeUndefined();
    expect(['a:two', 'a:one', 'a', 'b:any', 'c'].map((id) => outcomes.contradict(id))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('are the same after they were written down', () => {
    const outcomes = Outcomes.NONE.with('a:one', 3).with('b', 4).with('a:one', 5);
    expect([...Outcomes.of(outcomes.entries()).entries()]).toEqual([
      ['a:one', 5],
      ['b', 4],
    ]);
  });

  test('are values: what is added later is not seen earlier', () => {
    const earlier = Outcomes.NONE.with('a', 0);
    earlier.with('b', 1);
    expect(earlier.revisionOf('b')).toBeUndefined();
  });

  test('forget the oldest of 65,536 first', () => {
    let outcomes = Outcomes.NONE;
    for (let i = 0; i < 65_536; i++) outcomes = outcomes.with(`c${i}`, i);
    expect(outcomes.revisionOf('c0')).toBe(0);
    outcomes = outcomes.with('c0', 65_536).with('one more', 65_537);
    expect(outcomes.revisionOf('c0')).toBeUndefined();
    expect(outcomes.revisionOf('c1')).toBe(1);
    expect(outcomes.size).toBe(65_536);
  });
});
