import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checksum, parseAddress } from '#net';
import { decodeEcho, encodeEcho, encodeError } from './icmp.js';
import { decodeIp, encodeIp } from './ip-codec.js';
import { type Fragment, type IpPacket, isFragment } from './ip-packet.js';
import { Reassembler } from './reassembler.js';
import { decodeUdp, encodeUdp } from './udp-datagram.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ends = fc.constantFrom(4, 16).chain((length) => fc.record({ source: bytes(length), destination: bytes(length) }));
const data = fc.uint8Array({ maxLength: 3000 });
const packet = fc
  .tuple(ends, fc.integer({ min: 61, max: 255 }), fc.integer({ min: 0, max: 255 }), data)
  .map(([ends, protocol, hopLimit, payload]): IpPacket => ({ ...ends, protocol, hopLimit, payload }));

const only = (encoded: Uint8Array[]): Uint8Array => {
  expect(encoded).toHaveLength(1);
  return encoded[0] as Uint8Array;
};
const reencoded = (packet: IpPacket) => decodeIp(only(encodeIp(packet, 65_535, 0))) as IpPacket;

test('the checksum of RFC 1071’s example', () => {
  expect(checksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(~0xddf2 & 0xffff);
});

describe('IP', () => {
  test('packets survive', () => {
    fc.assert(fc.property(packet, (packet) => expect(reencoded(packet)).toEqual(packet)));
  });

  test('fragments fit, and make the packet again in any order', () => {
    const whole = fc.tuple(packet, fc.integer({ min: 68, max: 1500 }), fc.nat(0xffff), fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(whole, ([packet, mtu, id, order]) => {
        const encoded = encodeIp(packet, mtu, id);
        expect(Math.max(...encoded.map(({ length }) => length))).toBeLessThanOrEqual(mtu);
        const fragments = encoded.map((bytes) => decodeIp(bytes) as IpPacket | Fragment);
        if (fragments.length === 1) return;
        const keyed = fragments.map((fragment) => [order.next().value, fragment] as const);
        const reassembler = new Reassembler();
        const results = keyed
          .sort((a, b) => a[0] - b[0])
          .map(([, fragment]) => (isFragment(fragment) ? reassembler.add(0, fragment) : fragment));
        expect(results.pop()).toEqual(packet);
        expect(results.every((result) => result === undefined)).toBe(true);
      }),
    );
  });

  test('no bytes make a decoder throw', () => {
    const mutated = fc
      .tuple(packet, fc.array(fc.tuple(fc.nat(60), fc.nat(255))), fc.nat(80))
      .map(([packet, changes, cut]) => {
        const encoded = (encodeIp(packet, 500, 1)[0] as Uint8Array).slice(0, -cut || undefined);
        for (const [at, value] of changes) if (at < encoded.length) encoded[at] = value;
        return encoded;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, data), (bytes) => {
        const decoded = decodeIp(bytes);
        if (!decoded || isFragment(decoded)) return;
        decodeEcho(decoded);
        decodeUdp(decoded);
      }),
    );
  });

  test('an IPv4 header that was damaged is refused', () => {
    const encoded = only(
      encodeIp(
        {
          source: parseAddress('1.2.3.4'),
          destination: parseAddress('5.6.7.8'),
          protocol: 99,
          hopLimit: 9,
          payload: new Uint8Array(4),
        },
        1500,
        0,
      ),
    );
    for (let i = 0; i < 20; i++) {
      const damaged = encoded.slice();
      damaged[i] = (damaged[i] as number) ^ 0x10;
      expect(decodeIp(damaged)).toBeUndefined();
    }
  });
});

describe('reassembly', () => {
  const source = parseAddress('fd00::1');
  const destination = parseAddress('fd00::2');
  const part = (id: number, offset: number, more: boolean, length = 8): Fragment => {
    return { source, destination, protocol: 17, hopLimit: 64, payload: new Uint8Array(length), id, offset, more };
  };

  test('fragments that overlap void the packet', () => {
    const reassembler = new Reassembler();
    expect(reassembler.add(0, part(1, 0, true, 16))).toBeUndefined();
    expect(reassembler.add(0, part(1, 8, true, 16))).toBeUndefined();
    expect(reassembler.add(0, part(1, 16, false))).toBeUndefined();
  });

  test('a packet that is not complete in time is forgotten', () => {
    const reassembler = new Reassembler();
    reassembler.add(0, part(1, 0, true));
    expect(reassembler.add(60_000, part(1, 8, false))).toBeUndefined();
  });

  test('a packet in more parts than any path makes is given up, and so is cheap', () => {
    const reassembler = new Reassembler();
    const whole = (count: number) => {
      const parts = Array.from({ length: count }, (_, i) => part(count, 8 * i, i < count - 1));
      return parts.map((fragment) => reassembler.add(0, fragment)).at(-1);
    };
    expect(whole(128)?.payload).toHaveLength(1024);
    expect(whole(129)).toBeUndefined();
  });

  test('many unfinished packets push out the oldest only', () => {
    const reassembler = new Reassembler();
    for (let id = 0; id < 65; id++) reassembler.add(0, part(id, 0, true));
    expect(reassembler.add(0, part(0, 8, false))).toBeUndefined();
    expect(reassembler.add(0, part(64, 8, false))?.payload).toHaveLength(16);
  });
});

describe('ICMP echo', () => {
  const echo = fc.record({
    kind: fc.constantFrom('request' as const, 'reply' as const),
    id: fc.nat(0xffff),
    sequence: fc.nat(0xffff),
    data,
  });

  test('survives', () => {
    fc.assert(
      fc.property(ends, echo, (ends, echo) => expect(decodeEcho(reencoded(encodeEcho(ends, echo)))).toEqual(echo)),
    );
  });

  test('a known message has its known checksum', () => {
    const ends = { source: parseAddress('10.0.0.1'), destination: parseAddress('10.0.0.2') };
    const { payload } = encodeEcho(ends, { kind: 'request', id: 1, sequence: 1, data: Uint8Array.of(0x61, 0x62) });
    expect([...payload]).toEqual([8, 0, 0x96, 0x9b, 0, 1, 0, 1, 0x61, 0x62]);
  });
});

test('errors are about requests, never about errors or replies', () => {
  const ends = { source: parseAddress('10.0.0.1'), destination: parseAddress('10.0.0.2') };
  const about = (kind: 'request' | 'reply') =>
    encodeError(
      encodeEcho(ends, { kind, id: 1, sequence: 1, data: new Uint8Array(2000) }),
      ends.destination,
      'no-route',
    );
  const error = about('request');
  expect(error).toMatchObject({ source: ends.destination, destination: ends.source, protocol: 1 });
  expect(error?.payload.length).toBe(556);
  expect(about('reply')).toBeUndefined();
  expect(error && encodeError(error, ends.source, 'no-route')).toBeUndefined();
});

test('UDP survives, and a damaged datagram does not', () => {
  const datagram = fc.record({ sourcePort: fc.nat(0xffff), destinationPort: fc.nat(0xffff), data });
  fc.assert(
    fc.property(ends, datagram, fc.nat(), (ends, datagram, at) => {
      const packet = reencoded(encodeUdp(ends, datagram));
      expect(decodeUdp(packet)).toEqual(datagram);
      const payload = packet.payload.slice();
      payload[at % payload.length] = (payload[at % payload.length] as number) ^ 1;
      // Flipping the bit may turn an IPv4 checksum into "not computed".
      if (payload[6] !== 0 || payload[7] !== 0) expect(decodeUdp({ ...packet, payload })).toBeUndefined();
    }),
  );
});
