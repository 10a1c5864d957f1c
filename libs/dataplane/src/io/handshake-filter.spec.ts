import { afterAll, describe, expect, test } from '@jest/globals';
import { libc } from '#host';
import { COOKIE_REPLY, INITIATION, RESPONSE, TRANSPORT } from '#wireguard';
import { Arena } from '../memory/arena.js';
import { DatagramInput } from './datagram-input.js';
import { DatagramOutput } from './datagram-output.js';
import { handshakeFilter } from './handshake-filter.js';
import { type SocketPath, socketPathTo } from './socket-address.js';
import { attachFilter, detachFilter } from './socket-filter.js';
import { closeUdpSockets, openUdpSockets, unjoined } from './udp-sockets.js';

const here = openUdpSockets(0, 0);
const there = unjoined(openUdpSockets(0, 0));
afterAll(() => {
  for (const sockets of [here, there]) closeUdpSockets(sockets);
});
const arena = new Arena(16 << 20);
const output = new DatagramOutput(arena, here);
const input = new DatagramInput(arena, there.joined);
const SELDOM = 2 ** 31;

const families = [
  { family: 'v4', own: '127.0.0.1', another: '127.0.0.2' },
  ...(there.v6 < 0 ? [] : [{ family: 'v6', own: '::1', another: '::1:0:0:0:1' } as const]),
] as const;

describe.each(families)('over $family', ({ family, own, another }) => {
  const fd = there[family];
  const to = socketPathTo({ address: own, port: there.port });
  const [ours, others] = [own, another].map((address) => socketPathTo({ address, port: 1 })) as [
    SocketPath,
    SocketPath,
  ];

  /** How many arrive of so many datagrams that begin with this byte. */
  function arriving(type: number, count = 1): number {
    for (let i = 0; i < count; i++) output.copy(to, Uint8Array.of(type, ...new Uint8Array(INITIATION.length - 1)));
    output.flush();
    let arrived = 0;
    while (input.receive(fd, () => arrived++) > 0);
    return arrived;
  }

  const many = (name: SocketPath, count: number) => Array.from({ length: count }, () => name);

  test.each([1, 700])('only initiations of strangers are refused (%d trusted sources)', (count) => {
    expect(
      attachFilter(fd, handshakeFilter(family, { trusted: many(others, count), blocked: [], oneIn: SELDOM })),
    ).toBe(true);
    expect([arriving(INITIATION.type), arriving(2), arriving(TRANSPORT.type)]).toEqual([0, 1, 1]);
    detachFilter(fd);
    expect(arriving(INITIATION.type)).toBe(1);
  });

  test('those of trusted sources pass, whichever port they come from', () => {
    expect(
      attachFilter(
        fd,
        handshakeFilter(family, { trusted: [...many(others, 100), ours], blocked: [ours], oneIn: SELDOM }),
      ),
    ).toBe(true);
    expect(arriving(INITIATION.type, 20)).toBe(20);
    detachFilter(fd);
  });

  test('those of blocked sources do not, and those of other strangers do', () => {
    expect(attachFilter(fd, handshakeFilter(family, { trusted: [], blocked: many(others, 100), oneIn: 1 }))).toBe(true);
    expect(arriving(INITIATION.type, 20)).toBe(20);
    expect(attachFilter(fd, handshakeFilter(family, { trusted: [], blocked: [others, ours], oneIn: 1 }))).toBe(true);
    expect([INITIATION, RESPONSE, COOKIE_REPLY, TRANSPORT].map(({ type }) => arriving(type, 20))).toEqual([
      0, 0, 0, 20,
    ]);
    detachFilter(fd);
  });

  test('one in so many of the others passes', () => {
    expect(attachFilter(fd, handshakeFilter(family, { trusted: [], blocked: [], oneIn: 4 }))).toBe(true);
    const passed = arriving(INITIATION.type, 1_000);
    detachFilter(fd);
    expect(passed).toBeGreaterThan(150);
    expect(passed).toBeLessThan(350);
  });
});

test('what is no program is refused, and nothing changes', () => {
  expect(attachFilter(there.v4, new Uint8Array(8).fill(255))).toBe(false);
  expect(libc.lastError()).toBe('EINVAL');
});
