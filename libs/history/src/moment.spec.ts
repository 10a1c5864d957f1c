import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseMoment } from './moment.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

describe('parseMoment', () => {
  test.each<[string, object]>([
    ['1234', { revision: 1234 }],
    ['rev:7', { revision: 7 }],
    [' 0 ', { revision: 0 }],
    ['2026-11-01', { time: Date.UTC(2026, 10, 1) }],
    ['2026-11-01T10:00Z', { time: Date.UTC(2026, 10, 1, 10) }],
    ['2026-11-01T10:00:30.5+02:00', { time: Date.UTC(2026, 10, 1, 8, 0, 30, 500) }],
    ['2026-11-01T10:00-0130', { time: Date.UTC(2026, 10, 1, 11, 30) }],
    ['2026-11-01 10:00:00.213', { time: Date.UTC(2026, 10, 1, 10, 0, 0, 213) }],
    ['2028-02-29', { time: Date.UTC(2028, 1, 29) }],
    ['now', { time: NOW }],
    ['yesterday', { time: NOW - 24 * HOUR }],
    ['2h ago', { time: NOW - 2 * HOUR }],
    ['30m', { time: NOW - HOUR / 2 }],
    ['3 d ago', { time: NOW - 72 * HOUR }],
  ])('%s', (text, expected) => expect(parseMoment(text, NOW)).toEqual(expected));

  test.each([
    '',
    'soon',
    '2026-02-30',
    '2026-13-01',
    '2026-11-01T24:00Z',
    '2026-11-01T10:60Z',
    '2026-11-01T10',
    '-5',
    '1.5',
  ])('not %j', (text) => {
    expect(() => parseMoment(text, NOW)).toThrow(expect.objectContaining({ code: 'history.bad_moment', where: 'at' }));
  });

  test('every instant, as JavaScript and as netfold print it', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true }), (date) => {
        const text = date.toISOString();
        for (const one of [text, text.replace('T', ' ').replace('Z', '')]) {
          expect(parseMoment(one, NOW)).toEqual({ time: date.getTime() });
        }
      }),
    );
  });
});
