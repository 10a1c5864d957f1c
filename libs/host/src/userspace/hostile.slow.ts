import { afterEach, describe, expect, test } from '@jest/globals';
import { checksum, formatAddress, onesSum, parseAddress, pseudoHeaderSum } from '#net';
import { Dice, fuzz, fuzzSeeds, heapInUse, Mutator } from '#sim';
import { encodeEcho, encodeError } from './icmp.js';
import { decodeIp, encodeIp } from './ip-codec.js';
import { type IpPacket, isFragment, PROTOCOL } from './ip-packet.js';
import { encodeUdp } from './udp-datagram.js';
import { UserspaceForwarder } from './userspace-forwarder.js';
import { UserspaceHost } from './userspace-host.js';
import { UserspaceTun } from './userspace-tun.js';

const MTU = 1280;
const [THERE, HERE, THERE6, HERE6] = ['100.64.0.1', '100.64.0.2', 'fd7a::1', 'fd7a::2'];
const ends = (from: string, to: string) => ({ source: parseAddress(from), destination: parseAddress(to) });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A TCP segment without options. */
function tcp(from: string, to: string, port: number, flags: number, data = 0): IpPacket {
  const payload = new Uint8Array(20 + data);
  const view = new DataView(payload.buffer);
  view.setUint16(0, 4000);
  view.setUint16(2, port);
  view.setUint32(4, 77);
  payload.set([5 << 4, flags, 0xff, 0xff], 12);
  return { ...ends(from, to), protocol: PROTOCOL.tcp, hopLimit: 64, payload };
}

/** Packets of all that the stack speaks, in the families of these addresses. */
function specimensTo(from: string, to: string): Uint8Array[] {
  const way = ends(from, to);
  const datagram = (port: number, length: number) =>
    encodeUdp(way, { sourcePort: 9, destinationPort: port, data: new Uint8Array(length) });
  const back = encodeUdp(ends(to, from), { sourcePort: 53, destinationPort: 9, data: new Uint8Array(5) });
  const error = encodeError(back, way.source, 'port-unreachable') as IpPacket;
  return [
    encodeEcho(way, { kind: 'request', id: 1, sequence: 2, data: new Uint8Array(40) }),
    encodeEcho(way, { kind: 'reply', id: 1, sequence: 2, data: new Uint8Array(4) }),
    error,
    datagram(53, 30),
    datagram(99, 3),
    datagram(53, 3000),
    tcp(from, to, 80, 2),
    tcp(from, to, 80, 0x10, 10),
    tcp(from, to, 81, 4),
  ].flatMap((packet) => encodeIp(packet, MTU, 7));
}

/** Makes right what a mutation made wrong, so that it is not the checksums that keep the rest from being reached. */
function restoreSums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const v4 = (bytes[0] ?? 0) >> 4 === 4;
  const header = v4 ? ((bytes[0] ?? 0) & 15) * 4 : 40;
  if (bytes.length < Math.max(20, header)) return;
  if (v4) {
    view.setUint16(2, bytes.length);
    view.setUint16(10, 0);
    view.setUint16(10, checksum(bytes.subarray(0, header)));
  } else view.setUint16(4, bytes.length - header);
  const protocol = bytes[v4 ? 9 : 6] as number;
  const at = { [PROTOCOL.icmp]: 2, [PROTOCOL.icmpv6]: 2, [PROTOCOL.tcp]: 16, [PROTOCOL.udp]: 6 }[protocol];
  const body = bytes.subarray(header);
  if (at === undefined || body.length < at + 2) return;
  if (protocol === PROTOCOL.udp && body.length >= 8) view.setUint16(header + 4, body.length);
  view.setUint16(header + at, 0);
  const [source, destination] = v4
    ? [bytes.subarray(12, 16), bytes.subarray(16, 20)]
    : [bytes.subarray(8, 24), bytes.subarray(24, 40)];
  const pseudo = protocol === PROTOCOL.icmp ? 0 : pseudoHeaderSum(source, destination, protocol, body.length);
  view.setUint16(header + at, ~onesSum(body, pseudo) & 0xffff || 0xffff);
}

let forwarder: UserspaceForwarder | undefined;
afterEach(() => forwarder?.close());

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);
  const mutator = new Mutator(dice, 2000);
  const specimens = [...specimensTo(THERE, HERE), ...specimensTo(THERE6, HERE6), ...specimensTo(THERE, '100.64.7.7')];
  const next = () => {
    const bytes = dice.chance(0.97) ? mutator.mutate(specimens) : mutator.random(2000);
    if (dice.chance(0.8)) restoreSums(bytes);
    return bytes.slice();
  };

  test('200,000 packets to a stack: it answers nobody who did not ask, stays small, and goes on', async () => {
    let now = 1_000_000;
    const tun = new UserspaceTun({ addresses: [HERE, HERE6], mtu: MTU, clock: { now: () => now } });
    tun.attach('100.64.7.0/24', new UserspaceHost({ addresses: ['100.64.7.7'] }));
    tun.bindUdp(53).onDatagram(() => {});
    tun.tcp.listen(80, (socket) => socket.on('error', () => {}).resume());
    const asked = new Set<string>();
    const wrong: string[] = [];
    let checking = true;
    let answers = 0;
    tun.onPackets((packets) => {
      for (const bytes of packets) {
        answers++;
        const packet = decodeIp(bytes);
        const fine = packet && bytes.length <= MTU && (!checking || asked.has(formatAddress(packet.destination)));
        if (!fine) wrong.push(Buffer.from(bytes).toString('hex'));
      }
    });
    const flood = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        fuzz(dice, 100, () => {
          now += dice.below(20);
          const bytes = next();
          const packet = checking && decodeIp(bytes);
          if (packet) asked.add(formatAddress(packet.source));
          tun.write(bytes);
        });
        await turn();
      }
    };
    await flood(500);
    checking = false;
    await flood(500);
    const before = heapInUse();
    await flood(1_000);
    expect(heapInUse() - before).toBeLessThan(10);
    expect(wrong).toEqual([]);
    expect(answers).toBeGreaterThan(10_000);
    answers = 0;
    const echo = encodeEcho(ends(THERE, HERE), { kind: 'request', id: 1, sequence: 2, data: new Uint8Array(4) });
    for (const bytes of encodeIp(echo, MTU, 1)) tun.write(bytes);
    await turn();
    expect(answers).toBeGreaterThan(0);
    await tun.close();
  });

  test('20,000 datagrams to a subnet router without root: every port may be asked for', async () => {
    forwarder = new UserspaceForwarder({ run: async () => '' });
    const tun = new UserspaceTun({ addresses: [HERE], mtu: MTU });
    tun.attach('127.0.0.0/8', forwarder);
    const local = specimensTo(THERE, '127.0.0.66');
    for (let round = 0; round < 200; round++) {
      fuzz(dice, 100, () => {
        const bytes = mutator.mutate(local);
        if (bytes.length > 24) bytes.set([127, 0, 0, 66], 16);
        if (bytes.length > 24 && dice.chance(0.5)) bytes.set([dice.below(256), dice.pick([0, 1, 255])], 22);
        if (bytes.length > 24 && dice.chance(0.1)) bytes.fill(0, 22, 24);
        restoreSums(bytes);
        const packet = decodeIp(bytes);
        // Connections could reach a service of this machine.
        if (packet && !isFragment(packet) && packet.protocol === PROTOCOL.udp) tun.write(bytes.slice());
      });
      await turn();
    }
    await tun.close();
  });
});
