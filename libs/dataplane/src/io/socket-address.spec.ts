import { expect, test } from '@jest/globals';
import { Arena } from '../memory/arena.js';
import { SourcePaths, socketPathTo } from './socket-address.js';

const arena = new Arena(1 << 16);
const place = arena.take(64);
const sources = new SourcePaths();

function seen(address: string, port: number) {
  arena.bytes.set(socketPathTo({ address, port }).name, place);
  return sources.at(arena, place);
}

test('a source is the same object each time, and none is taken for another', () => {
  const endpoints = [
    ['192.0.2.1', 1],
    ['192.0.2.1', 2],
    ['192.0.2.2', 1],
    ['255.255.255.255', 65_535],
    ['2001:db8::1', 1],
    ['2001:db8::1', 2],
    ['2001:db8::2', 1],
  ] as const;
  const first = endpoints.map(([address, port]) => seen(address, port));
  expect(first.map(({ endpoint }) => [endpoint.address, endpoint.port])).toEqual(endpoints);
  expect(endpoints.map(([address, port]) => seen(address, port))).toEqual(first);
  for (const [index, [address, port]] of endpoints.entries()) expect(seen(address, port)).toBe(first[index]);
});

test('forged sources without end drive out none that is known for its packets', () => {
  const peer = seen('198.51.100.7', 51_820);
  peer.proven = true;
  const stranger = seen('198.51.100.8', 51_820);
  for (let i = 0; i < 10_000; i++) seen(`10.1.${i >> 8}.${i & 255}`, 1);
  expect(seen('198.51.100.7', 51_820)).toBe(peer);
  expect(seen('198.51.100.8', 51_820)).not.toBe(stranger);
});
