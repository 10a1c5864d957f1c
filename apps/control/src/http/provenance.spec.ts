import { expect, test } from '@jest/globals';
import { programOf, reasonOf } from './provenance.js';

test('a reason is percent-encoded UTF-8', () => {
  expect(reasonOf(undefined)).toBeUndefined();
  expect(reasonOf(encodeURIComponent(' Müller left → ticket 42 '))).toBe('Müller left → ticket 42');
  expect(reasonOf('plain words')).toBe('plain words');
  expect(reasonOf('%20')).toBeUndefined();
  expect(reasonOf(encodeURIComponent('é'.repeat(500)))).toHaveLength(500);
});

test.each([['%'], ['%ff'], ['%ED%A0%80'], ['Müller'], [encodeURIComponent('two\nlines')], ['x'.repeat(501)]])(
  '%s is refused',
  (value) => {
    expect(() => reasonOf(value)).toThrow(expect.objectContaining({ code: 'http.bad_reason' }));
  },
);

test('a program has a short name', () => {
  expect([undefined, 'cli', 'my-script-2'].map(programOf)).toEqual([undefined, 'cli', 'my-script-2']);
  for (const bad of ['CLI', '', 'a b', 'x'.repeat(33)]) {
    expect(() => programOf(bad)).toThrow(expect.objectContaining({ code: 'http.bad_client' }));
  }
});
