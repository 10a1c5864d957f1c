import { expect, test } from '@jest/globals';
import { isOfInternet } from './of-internet.js';

test.each([
  ['9.9.9.9', true],
  ['2620:fe::fe', true],
  ['100.64.0.7', true],
  ['https://9.9.9.9/dns-query', true],
  ['192.168.1.1', false],
  ['127.0.0.53', false],
  ['fe80::1%eth0', false],
  ['fd00::53', false],
])('a nameserver at %s is the same from everywhere: %s', (address, expected) => {
  expect(isOfInternet(address)).toBe(expected);
});
