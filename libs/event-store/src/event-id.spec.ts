import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventId } from './event-id.js';

test('an id is a UUID of version 8 and its variant (RFC 9562, 4)', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(), (stream, command, index) =>
      expect(eventId(stream, command, index)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
    ),
  );
});

// printf 'tailnet-a\0command-1\0000' | sha256sum
test('an id is the known one, whatever changes in the code', () => {
  expect(eventId('tailnet-a', 'command-1', 0)).toBe('b2e0b1f8-c0ae-8cb6-83cb-c778f75be6de');
});

test('every stream, command and index has its own id', () => {
  const ids = ['a', 'b'].flatMap((stream) =>
    ['c', 'c1'].flatMap((command) => [0, 1, 10, 11].map((index) => eventId(stream, command, index))),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
