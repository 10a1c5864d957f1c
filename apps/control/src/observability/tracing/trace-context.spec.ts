import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatTraceparent, parseTraceparent } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((text) => /[^0]/.test(text));

test('what is written can be read', () =>
  fc.assert(
    fc.property(hex(32), hex(16), fc.constantFrom(0, 1), (traceId, spanId, traceFlags) => {
      const context = { traceId, spanId, traceFlags };
      expect(parseTraceparent(formatTraceparent(context))).toEqual({ ...context, isRemote: true });
    }),
  ));

test.each([
  ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01'],
  [`00-${'0'.repeat(32)}-${SPAN}-01`],
  [`00-${TRACE}-${'0'.repeat(16)}-01`],
  [`ff-${TRACE}-${SPAN}-01`],
  [`00-${TRACE}-${SPAN}-01-more`],
  [`00-${TRACE}-${SPAN}`],
  [''],
  [undefined],
])('%s is none', (text) => expect(parseTraceparent(text)).toBeUndefined());

test('a later version may say more, and has flags of its own', () =>
  expect(parseTraceparent(`01-${TRACE}-${SPAN}-ff-more`)).toMatchObject({ traceId: TRACE, traceFlags: 1 }));
