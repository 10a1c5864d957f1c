import { expect, test } from '@jest/globals';
import { credible } from './credible.js';

const endpoints = (...texts: string[]): readonly string[] =>
  credible({ endpoints: texts, os: 'linux', clientVersion: '1' }).endpoints;

test('addresses with ports are passed on, in their order', () => {
  const good = ['192.0.2.7:41641', '[2001:db8::7]:1', '10.0.0.1:65535'];
  expect(endpoints(...good)).toEqual(good);
});

test.each([
  '192.0.2.7',
  '192.0.2.7:0',
  '192.0.2.7:65536',
  '[192.0.2.7]:80',
  '2001:db8::7:80',
  'host:80',
  '',
  '1.2.3.4:80 ',
])('%p is not', (text) => expect(endpoints(text)).toEqual([]));

test('a machine cannot make its peers knock at a thousand doors', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `192.0.2.7:${i + 1}`);
  expect(endpoints(...many, ...many)).toEqual(many.slice(0, 16));
});
