import { describe, expect, test } from '@jest/globals';
import { LogPositions } from './log-positions.js';
import { QuietBrokers } from './quiet-brokers.js';

describe('the positions of a subscription', () => {
  const ranges = [
    { partition: 0, low: '3', high: '5' },
    { partition: 1, low: '0', high: '0' },
    { partition: 2, low: '0', high: '9007199254740993' },
  ];

  test('from all that is kept begin at the first message, and are caught up at what was the end', () => {
    const positions = new LogPositions();
    expect([positions.known, positions.caughtUp]).toEqual([false, false]);
    positions.begin(ranges, 'all-kept');
    expect([...positions]).toEqual([
      { partition: 0, offset: '3' },
      { partition: 1, offset: '0' },
      { partition: 2, offset: '0' },
    ]);
    positions.reached(0, 5n);
    positions.reached(2, 9007199254740992n);
    expect(positions.caughtUp).toBe(false);
    positions.reached(2, 9007199254740993n);
    expect(positions.caughtUp).toBe(true);
  });

  test('from what is newest are caught up at once', () => {
    const positions = new LogPositions();
    positions.begin(ranges, 'newest');
    expect(positions.caughtUp).toBe(true);
    expect([...positions][2]).toEqual({ partition: 2, offset: '9007199254740993' });
  });
});

describe('brokers', () => {
  test('are quiet when each has waited in vain since messages came last', () => {
    const quiet = new QuietBrokers(500);
    expect(quiet.all).toBe(false);
    quiet.asked(1);
    quiet.asked(2);
    quiet.answered(1, 510);
    expect(quiet.all).toBe(false);
    quiet.answered(2, 20);
    expect(quiet.all).toBe(false);
    quiet.answered(2, 505);
    expect(quiet.all).toBe(true);
    quiet.broughtMessages();
    expect(quiet.all).toBe(false);
  });
});
