import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checksum, onesSum, pseudoHeaderSum } from '#net';
import { GSO, NEEDS_CSUM, VNET } from '../io/abi.js';
import { Arena } from '../memory/arena.js';
import { Joiner } from './joiner.js';
import { Splitter } from './splitter.js';

interface Shape {
  readonly v6: boolean;
  readonly protocol: 6 | 17;
  /** Of the TCP header, in words. */
  readonly options: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

const ACK = 0x10;
const PSH = 0x08;
const ipSize = ({ v6 }: Shape): number => (v6 ? 40 : 20);
const transportSize = ({ protocol, options }: Shape): number => (protocol === 6 ? 20 + 4 * options : 8);
const checksumAt = ({ protocol }: Shape): number => (protocol === 6 ? 16 : 6);

/** A whole packet; its transport checksum is right, or with `partial` the sum of the pseudo header. */
function packetOf(shape: Shape, { sequence = 1000, id = 7, partial = false } = {}): Uint8Array {
  const ip = ipSize(shape);
  const size = transportSize(shape) + shape.payload.length;
  const packet = new Uint8Array(ip + size);
  const view = new DataView(packet.buffer);
  const half = shape.v6 ? 16 : 4;
  const addresses = ip - 2 * half;
  if (shape.v6) {
    view.setUint32(0, 0x6000_0000);
    view.setUint16(4, size);
    packet[6] = shape.protocol;
    packet[7] = 64;
  } else {
    view.setUint16(0, 0x4500);
    view.setUint16(2, packet.length);
    view.setUint16(4, id);
    view.setUint16(6, 0x4000);
    packet[8] = 64;
    packet[9] = shape.protocol;
  }
  for (let i = 0; i < 2 * half; i++) packet[addresses + i] = 10 + i;
  if (!shape.v6) view.setUint16(10, checksum(packet.subarray(0, 20)));
  view.setUint16(ip, 4000);
  view.setUint16(ip + 2, 5000);
  if (shape.protocol === 6) {
    view.setUint32(ip + 4, sequence);
    view.setUint32(ip + 8, 77);
    packet[ip + 12] = (5 + shape.options) << 4;
    packet[ip + 13] = shape.flags;
    view.setUint16(ip + 14, 500);
    packet.fill(1, ip + 20, ip + transportSize(shape));
  } else view.setUint16(ip + 4, size);
  packet.set(shape.payload, ip + transportSize(shape));
  const pseudo = pseudoSum(packet, shape);
  const sum = partial ? pseudo : ~onesSum(packet.subarray(ip), pseudo) & 0xffff;
  view.setUint16(ip + checksumAt(shape), sum === 0 && shape.protocol === 17 ? 0xffff : sum);
  return packet;
}

function pseudoSum(packet: Uint8Array, shape: Shape): number {
  const half = shape.v6 ? 16 : 4;
  const start = ipSize(shape) - 2 * half;
  const [source, destination] = [packet.subarray(start, start + half), packet.subarray(start + half, start + 2 * half)];
  return pseudoHeaderSum(source, destination, shape.protocol, packet.length - ipSize(shape));
}

const shapes = (maxLength: number): fc.Arbitrary<Shape> =>
  fc
    .record({
      v6: fc.boolean(),
      protocol: fc.constantFrom(6 as const, 17 as const),
      options: fc.nat(3),
      flags: fc.constantFrom(ACK, ACK | PSH, ACK | 1, 0x90),
      payload: fc.uint8Array({ minLength: 1, maxLength }),
    })
    .map((shape) => (shape.protocol === 17 ? { ...shape, options: 0 } : shape));

function setup() {
  const arena = new Arena(1 << 20);
  const place = arena.take(70_000) + 6;
  const output = arena.take(70_000);
  /** What a `virtio_net_hdr` and a packet are made into. */
  const split = (header: Partial<Record<keyof typeof VNET, number>>, packet: Uint8Array): Uint8Array[] => {
    arena.bytes.fill(0, place, place + VNET.size);
    arena.bytes[place + VNET.flags] = header.flags ?? 0;
    arena.bytes[place + VNET.gsoType] = header.gsoType ?? 0;
    for (const name of ['headerLength', 'gsoSize', 'checksumStart', 'checksumOffset'] as const) {
      arena.view.setUint16(place + VNET[name], header[name] ?? 0, true);
    }
    arena.bytes.set(packet, place + VNET.size);
    const splitter = new Splitter(arena);
    const count = splitter.take(place, VNET.size + packet.length);
    return Array.from({ length: count }, (_, index) => {
      const length = count === 1 && !header.gsoType ? splitter.only(output) : splitter.segment(index, output);
      return arena.bytes.slice(output, output + length);
    });
  };
  let written: Uint8Array[] = [];
  const joiner = new Joiner(arena, { tcp: true, udp: true }, (offset, length) => {
    written.push(arena.bytes.slice(offset, offset + length));
  });
  /** What is written of packets that come in. */
  const join = (packets: readonly Uint8Array[], owners: readonly object[] = []): Uint8Array[] => {
    written = [];
    for (const [index, packet] of packets.entries()) {
      const owner = owners[index] ?? arena;
      arena.bytes.set(packet, place + VNET.size);
      if (!joiner.append(owner, place + VNET.size, packet.length)) {
        joiner.begin(owner, place + VNET.size, packet.length);
      }
    }
    joiner.flush();
    return written;
  };
  /** Takes apart again what was written. */
  const splitWritten = (written: Uint8Array): Uint8Array[] => {
    const view = new DataView(written.buffer);
    const [flags, gsoType] = [view.getUint8(VNET.flags) & NEEDS_CSUM, view.getUint8(VNET.gsoType)];
    const [gsoSize, checksumStart, checksumOffset] = [VNET.gsoSize, VNET.checksumStart, VNET.checksumOffset].map((at) =>
      view.getUint16(at, true),
    ) as [number, number, number];
    return split({ flags, gsoType, gsoSize, checksumStart, checksumOffset }, written.slice(VNET.size));
  };
  return { split, join, splitWritten };
}

const headerOf = (shape: Shape, gsoSize: number) => ({
  flags: NEEDS_CSUM,
  gsoType: shape.protocol === 17 ? GSO.udp : shape.v6 ? GSO.tcp6 : GSO.tcp4,
  gsoSize,
  checksumStart: ipSize(shape),
  checksumOffset: checksumAt(shape),
});

/** The packets that a large one stands for, made the plain way. */
const expected = (shape: Shape, segment: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(shape.payload.length / segment) }, (_, index) => {
    const payload = shape.payload.slice(index * segment, (index + 1) * segment);
    const last = (index + 1) * segment >= shape.payload.length;
    const flags = shape.flags & (last ? 0xff : ~9) & (index === 0 ? 0xff : ~0x80);
    return packetOf({ ...shape, payload, flags }, { sequence: 1000 + index * segment, id: 7 + index });
  });

describe('a packet of the host', () => {
  test('that stands for many becomes what the kernel would have sent', () => {
    const { split } = setup();
    fc.assert(
      fc.property(shapes(4000), fc.integer({ min: 1, max: 1500 }), (shape, segment) => {
        const made = split(headerOf(shape, segment), packetOf(shape, { partial: true }));
        expect(made).toEqual(expected(shape, segment));
      }),
    );
  });

  test('without a checksum gets one, and any other stays as it is', () => {
    const { split } = setup();
    fc.assert(
      fc.property(shapes(1400), (shape) => {
        const header = { flags: NEEDS_CSUM, checksumStart: ipSize(shape), checksumOffset: checksumAt(shape) };
        expect(split(header, packetOf(shape, { partial: true }))).toEqual([packetOf(shape)]);
        expect(split({}, packetOf(shape))).toEqual([packetOf(shape)]);
      }),
    );
  });

  test('may say anything in its header, and what comes out is no longer than a packet', () => {
    const { split } = setup();
    const word = fc.integer({ min: 0, max: 0xffff });
    const header = fc.record({
      flags: fc.nat(3),
      gsoType: fc.constantFrom(0, 1, 4, 5, 0x81, 9),
      gsoSize: fc.oneof(word, fc.nat(40)),
      checksumStart: fc.oneof(word, fc.nat(60)),
      checksumOffset: fc.oneof(word, fc.constantFrom(6, 16)),
    });
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 300 }), (fields, packet) => {
        for (const made of split(fields, packet)) expect(made.length).toBeLessThanOrEqual(packet.length);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a large packet whose header names the checksum of another protocol, or whose own is too short, is dropped', () => {
  const { split } = setup();
  const shape: Shape = { v6: false, protocol: 6, options: 0, flags: ACK, payload: new Uint8Array(300) };
  const packet = packetOf(shape, { partial: true });
  expect(split(headerOf(shape, 100), packet)).toHaveLength(3);
  expect(split({ ...headerOf(shape, 100), checksumOffset: 3 }, packet)).toEqual([]);
  expect(split({ ...headerOf(shape, 100), gsoType: GSO.udp }, packet)).toEqual([]);
  packet[32] = 0x40;
  expect(split(headerOf(shape, 100), packet)).toEqual([]);
});

describe('packets for the host', () => {
  test('of one flow are joined, and stand for just what came', () => {
    const { join, splitWritten } = setup();
    fc.assert(
      fc.property(shapes(4000), fc.integer({ min: 100, max: 1500 }), (shape, segment) => {
        const plain = { ...shape, flags: ACK };
        const packets = expected(plain, segment);
        const written = join(packets);
        expect(written).toHaveLength(1);
        expect(written.flatMap(splitWritten)).toEqual(packets);
      }),
    );
  });

  test('are all handed on in order, whatever their order and flags, and whoever sent them', () => {
    const { join, splitWritten } = setup();
    const arrivals = fc.array(fc.record({ at: fc.nat(5), owner: fc.nat(1), other: fc.boolean() }), { maxLength: 12 });
    const owners = [{}, {}] as const;
    fc.assert(
      fc.property(shapes(600), shapes(600), arrivals, (shape, second, order) => {
        const [one, two] = [expected(shape, 100), expected(second, 100)];
        const packets = order.map(({ at, other }) => {
          const flow = other ? two : one;
          return flow[at % flow.length] as Uint8Array;
        });
        const made = join(
          packets,
          order.map(({ owner }) => owners[owner] as object),
        ).flatMap(splitWritten);
        // Joining numbers IPv4 packets anew: they must not be fragments, so nobody looks at it.
        expect(made.map(unnumbered)).toEqual(packets.map(unnumbered));
      }),
    );
  });

  test('with a wrong checksum are never joined', () => {
    const { join } = setup();
    const shape: Shape = { v6: false, protocol: 6, options: 0, flags: ACK, payload: new Uint8Array(300).fill(5) };
    const [first, second, third] = expected(shape, 100) as [Uint8Array, Uint8Array, Uint8Array];
    const broken = Uint8Array.from(second);
    broken[50] = 6;
    const written = join([first, broken, third]);
    expect(written.map((packet) => packet.slice(VNET.size))).toEqual([first, broken, third]);
    const brokenFirst = Uint8Array.from(first);
    brokenFirst[50] = 6;
    expect(join([brokenFirst, second, third]).map(({ length }) => length)).toEqual([150, 250]);
  });

  test('that differ in the AE flag, or in a reserved one, are never joined', () => {
    const { join } = setup();
    const shape: Shape = { v6: false, protocol: 6, options: 0, flags: ACK, payload: new Uint8Array(200).fill(5) };
    const [first, second] = expected(shape, 100) as [Uint8Array, Uint8Array];
    second[32] = 0x51;
    const view = new DataView(second.buffer);
    view.setUint16(36, view.getUint16(36) - 0x100);
    expect(join([first, second]).map((packet) => packet.slice(VNET.size))).toEqual([first, second]);
  });

  test('of two peers are never joined, though they claim the same flow', () => {
    const { join } = setup();
    const shape: Shape = { v6: true, protocol: 17, options: 0, flags: 0, payload: new Uint8Array(200).fill(5) };
    expect(join(expected(shape, 100), [{}, {}])).toHaveLength(2);
  });
});

function unnumbered(packet: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(packet);
  if ((copy[0] ?? 0) >> 4 !== 4) return copy;
  copy.fill(0, 4, 6);
  copy.fill(0, 10, 12);
  return copy;
}
