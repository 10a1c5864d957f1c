import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8 } from '#kernel';
import { jsonLines } from './json-lines.js';

const collect = async (chunks: Iterable<Uint8Array>) => {
  const values: unknown[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const value of jsonLines(source)) values.push(value);
  return values;
};

describe('jsonLines', () => {
  it('does not care where the chunks are cut, be it within a character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (values, size, ended) => {
          const text = values.map((value) => JSON.stringify(value)).join('\n') + (ended ? '\n' : '');
          const bytes = utf8(text);
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.slice(i * size, (i + 1) * size),
          );
          expect(await collect(chunks)).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
        },
      ),
    );
  });
});
