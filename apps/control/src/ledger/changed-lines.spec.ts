import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changedLines } from './changed-lines.js';
import { comparedLines } from './compared-lines.js';

const text = fc.array(fc.constantFrom('a', 'b', 'c', '', '// x'), { maxLength: 30 }).map((lines) => lines.join('\n'));

describe('changedLines', () => {
  test('names what is gone and what came, in order', () => {
    expect(changedLines('{\n  a,\n  b,\n}', '{\n  b,\n  c,\n}')).toEqual(['-   a,', '+   c,']);
    expect(changedLines('a\nb', 'a\nb')).toEqual([]);
    expect(changedLines('', 'a')).toEqual(['- ', '+ a']);
  });

  test('is never less than what differs, and leaves nothing else out', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = changedLines(before, after);
        const count = (all: readonly string[], wanted: string) => all.filter((line) => line === wanted).length;
        for (const line of ['a', 'b', 'c', '', '// x']) {
          const change = count(after.split('\n'), line) - count(before.split('\n'), line);
          expect(count(lines, `+ ${line}`) - count(lines, `- ${line}`)).toBe(change);
        }
      }),
    );
  });

  test('takes bounded time and memory for long texts', () => {
    const long = (seed: string) => Array.from({ length: 20_000 }, (_, i) => `${seed} ${i}`).join('\n');
    expect(changedLines(long('a'), long('b'))).toHaveLength(40_000);
    expect(changedLines(long('a'), long('a').replace('a 9999\n', 'x\n'))).toEqual(['- a 9999', '+ x']);
  });
});

describe('comparedLines', () => {
  test('counts lines that one of two texts has more often', () => {
    expect(comparedLines('a\nb\nb\n', 'b\nc\nd')).toEqual({ added: 2, removed: 2, reordered: false });
    expect(comparedLines('a\nb', 'b\na\n')).toEqual({ added: 0, removed: 0, reordered: true });
    expect(comparedLines('', 'a\n')).toEqual({ added: 1, removed: 0, reordered: false });
    expect(comparedLines('a', 'a')).toEqual({ added: 0, removed: 0, reordered: false });
  });
});
