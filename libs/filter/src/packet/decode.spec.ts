import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PacketFilter } from '../packet-filter.js';
import { echo, icmp, ipPacket, tcp, transport, udp } from '../testing/packet-builder.js';
import { decode } from './decode.js';
import { PacketHeaders } from './headers.js';

const [A4, B4, A6, B6] = ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2'];
const decoded = (packet: Uint8Array, length = packet.length) => decode(new PacketHeaders(), packet, 0, length);

function headersOf(packet: Uint8Array): PacketHeaders {
  const headers = new PacketHeaders();
  expect(decode(headers, packet, 0, packet.length)).toBe('ok');
  return headers;
}

const extension = (type: number, ...bytes: number[]) => {
  const whole = new Uint8Array(Math.ceil(Math.max(8, bytes.length) / 8) * 8);
  whole.set(bytes);
  return { type, bytes: whole };
};
const six = (...extensions: ReturnType<typeof extension>[]) =>
  ipPacket({ from: A6, to: B6, protocol: 6, payload: transport(1000, 22), extensions });
const four = (...options: number[]) =>
  ipPacket({ from: A4, to: B4, protocol: 6, payload: transport(1000, 22), options: Uint8Array.from(options) });

const HOP_BY_HOP = extension(0);
const DESTINATION = extension(60);
const AUTHENTICATION = extension(51, 0, 4, ...new Array<number>(22).fill(0)); // (4 + 2) · 4 = 24 bytes

test('addresses and ports', () => {
  expect(headersOf(tcp(A4, B4, [1000, 22]))).toMatchObject({
    family: 4,
    protocol: 6,
    sourcePort: 1000,
    destinationPort: 22,
  });
  expect([...headersOf(tcp(A4, B4, [1000, 22])).source]).toEqual([0x0a000001, 0, 0, 0]);
  expect([...headersOf(udp(A6, B6, [7, 9])).destination]).toEqual([0xfd000000 | 0, 0, 0, 2]);
  expect(headersOf(echo(A6, B6, 'request', 77))).toMatchObject({ protocol: 58, icmpType: 128, icmpId: 77 });
});

describe('IPv4', () => {
  test('options are skipped, source routes are forbidden', () => {
    expect(headersOf(four(1, 1, 7, 3, 4, 0, 0, 0)).destinationPort).toBe(22);
    expect(headersOf(four(148, 4, 0, 0)).destinationPort).toBe(22);
    expect(decoded(four(131, 3, 4, 0))).toBe('forbidden');
    expect(decoded(four(1, 137, 3, 4))).toBe('forbidden');
  });

  test.each([
    ['an option without a length', four(1, 1, 1, 7)],
    ['an option of length 1', four(7, 1, 0, 0)],
    ['an option longer than the header', four(7, 9, 0, 0)],
  ])('%s is malformed', (_, packet) => expect(decoded(packet)).toBe('malformed'));

  test('what follows the packet is ignored, what is missing is not', () => {
    const packet = udp(A4, B4, [1, 2]);
    const padded = new Uint8Array(packet.length + 16);
    padded.set(packet);
    expect(decoded(padded)).toBe('ok');
    expect(decoded(packet, packet.length - 1)).toBe('malformed');
  });

  test('a header that is too short, or longer than the packet, is malformed', () => {
    const edit = (at: number, value: number) => {
      const packet = tcp(A4, B4, [1, 2]);
      packet[at] = value;
      return packet;
    };
    expect(decoded(edit(0, 0x44))).toBe('malformed');
    expect(decoded(edit(0, 0x4f))).toBe('malformed');
    expect(decoded(edit(3, 19))).toBe('malformed');
    expect(decoded(edit(0, 0x55))).toBe('malformed');
    expect(decoded(edit(32, 0x40))).toBe('malformed'); // a TCP header of 16 bytes
  });
});

describe('IPv6', () => {
  test('extension headers are skipped', () => {
    expect(headersOf(six(HOP_BY_HOP, DESTINATION, AUTHENTICATION, DESTINATION)).destinationPort).toBe(22);
    expect(headersOf(six(extension(43, 0, 0, 0, 0))).destinationPort).toBe(22);
  });

  test('a route that is not at its end is forbidden', () =>
    expect(decoded(six(extension(43, 0, 0, 0, 1)))).toBe('forbidden'));

  test.each([
    ['hop-by-hop options in second place', six(DESTINATION, HOP_BY_HOP)],
    ['an endless chain', six(...new Array<typeof DESTINATION>(9).fill(DESTINATION))],
    ['an extension that is longer than the packet', six(extension(60, 0, 200))],
    ['two fragment headers', six(extension(44, 0, 0, 0, 1), extension(44, 0, 0, 0, 1))],
  ])('%s is malformed', (_, packet) => expect(decoded(packet)).toBe('malformed'));

  test('the longest chain that is taken', () => {
    expect(decoded(six(...new Array<typeof DESTINATION>(8).fill(DESTINATION)))).toBe('ok');
  });
});

describe('transport', () => {
  test('ICMP of the other family is malformed', () => {
    expect(decoded(ipPacket({ from: A4, to: B4, protocol: 58, payload: new Uint8Array(8) }))).toBe('malformed');
    expect(decoded(ipPacket({ from: A6, to: B6, protocol: 1, payload: new Uint8Array(8) }))).toBe('malformed');
  });

  test.each([0x03, 0x06])('TCP flags %p are malformed', (flags) => {
    expect(decoded(tcp(A4, B4, [1, 2], flags))).toBe('malformed');
  });

  test('a UDP length that cannot be is malformed', () => {
    for (const length of [0, 7, 13]) {
      const packet = udp(A4, B4, [1, 2]);
      packet[25] = length;
      expect(decoded(packet)).toBe('malformed');
    }
  });

  test('a header that is cut off is malformed', () => {
    for (const protocol of [1, 6, 17, 132]) {
      expect(decoded(ipPacket({ from: A4, to: B4, protocol, payload: new Uint8Array(7) }))).toBe('malformed');
    }
  });
});

test('no bytes make the filter throw, or read beyond the packet', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const valid = fc.constantFrom(
    tcp(A4, B4, [1, 22]),
    udp(A6, B6, [1, 22]),
    icmp(A4, B4, 3, 0, udp(B4, A4, [22, 1])),
    icmp(A6, B6, 1, 0, six(HOP_BY_HOP)),
    six(HOP_BY_HOP, extension(43), extension(44, 0, 0, 0, 1), DESTINATION),
    four(1, 7, 3, 4),
  );
  const mutated = fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 4 }), fc.nat(30))
    .map(([packet, changes, cut]) => {
      const copy = packet.slice(0, Math.max(0, packet.length - cut));
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      return copy;
    });
  const rules = ['0.0.0.0/0', '::/0'].map((prefix) => ({
    id: prefix,
    src: [{ kind: 'any' } as const],
    dst: { kind: 'prefix', prefix } as const,
    protocols: [],
    ports: [{ first: 0, last: 65535 }],
  }));
  const open = () => {
    const filter = new PacketFilter({ seed: 1, flows: 4, fragments: 2 });
    filter.configure({ self: { addresses: [B4] }, rules, peers: [{ id: 'p', addresses: [A4], labels: [] }] });
    return filter;
  };
  fc.assert(
    fc.property(fc.oneof(bytes, mutated), fc.nat(20), (packet, margin) => {
      const filter = open();
      filter.outbound(0, 'p', packet);
      const verdict = filter.inbound(0, 'p', packet);
      // The same packet amid other bytes has the same fate.
      const amid = new Uint8Array(packet.length + 2 * margin).fill(0xff);
      amid.set(packet, margin);
      const again = open();
      again.outbound(0, 'p', amid, margin, packet.length);
      expect(again.inbound(0, 'p', amid, margin, packet.length)).toEqual(verdict);
    }),
    { numRuns: 2000 },
  );
});
