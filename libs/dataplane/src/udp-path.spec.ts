import { expect, test } from '@jest/globals';
import { pathTo, relayedPath } from './udp-path.js';

const sourceOf = (address: string) => pathTo({ address, port: 7 }).source;

test('handshakes of one subscriber are of one source, whatever of its addresses they come from', () => {
  expect(sourceOf('192.0.2.7')).toBe('192.0.2.7');
  expect(sourceOf('2001:db8:1:2::7')).toBe('2001:db8:1:2::/64');
  expect(sourceOf('2001:db8:1:2:ffff::9')).toBe(sourceOf('2001:db8:1:2::7'));
  expect(sourceOf('2001:db8:1:3::7')).not.toBe(sourceOf('2001:db8:1:2::7'));
});

test('paths are told apart by address and port, or by relay', () => {
  const endpoint = { address: '2001:db8::7', port: 7 };
  expect(pathTo(endpoint)).toMatchObject({ key: '[2001:db8::7]:7', endpoint });
  expect(relayedPath('r')).toMatchObject({ key: 'relay:r', source: 'relay:r' });
});
