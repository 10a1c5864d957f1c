import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UapiReader } from './uapi-reader.js';

test('operations are found wherever the chunks were cut', () => {
  const operation = fc.array(fc.stringMatching(/^[a-z0-9_=]{1,9}$/), { minLength: 1, maxLength: 4 });
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 5 }), cuts, (operations, sizes) => {
      const texts = operations.map((lines) => lines.join('\n'));
      const stream = texts.map((text) => `${text}\n\n`).join('');
      const reader = new UapiReader();
      const taken: string[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] as number;
        taken.push(...reader.take(stream.slice(at, at + size)));
        at += size;
      }
      expect(taken).toEqual(texts);
    }),
  );
});

test('what does not end is not kept for ever', () => {
  const reader = new UapiReader(100);
  expect(reader.take(`${'a'.repeat(90)}\n\n${'b'.repeat(100)}`)).toEqual(['a'.repeat(90)]);
  expect(() => reader.take('b')).toThrow(/longer than 100/);
});
