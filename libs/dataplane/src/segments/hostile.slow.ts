import { describe, expect, test } from '@jest/globals';
import { checksum, onesSum, pseudoHeaderSum } from '#net';
import { Dice, fuzz, fuzzSeeds, Mutator } from '#sim';
import { GSO, NEEDS_CSUM, VNET } from '../io/abi.js';
import { Arena } from '../memory/arena.js';
import { IPV4, IPV6, TCP, UDP } from './headers.js';
import { Joiner } from './joiner.js';
import { Splitter } from './splitter.js';

const LARGEST = 65_535;
const CANARY = 0xa5;

/** A packet whose checksums are right. */
function packetOf(v6: boolean, tcp: boolean, payload: number, sequence = 1000): Uint8Array {
  const ip = v6 ? IPV6.size : IPV4.size;
  const size = (tcp ? TCP.size : UDP.size) + payload;
  const packet = new Uint8Array(ip + size);
  const view = new DataView(packet.buffer);
  const half = v6 ? 16 : 4;
  const addresses = v6 ? IPV6.addresses : IPV4.addresses;
  packet.fill(10, addresses, addresses + 2 * half);
  if (v6) {
    view.setUint32(0, 0x6000_0000);
    view.setUint16(IPV6.payloadLength, size);
    packet[IPV6.nextHeader] = tcp ? TCP.protocol : UDP.protocol;
    packet[IPV6.hopLimit] = 64;
  } else {
    view.setUint16(0, 0x4500);
    view.setUint16(IPV4.totalLength, packet.length);
    view.setUint16(IPV4.fragment, 0x4000);
    packet[IPV4.ttl] = 64;
    packet[IPV4.protocol] = tcp ? TCP.protocol : UDP.protocol;
    view.setUint16(IPV4.checksum, checksum(packet.subarray(0, ip)));
  }
  view.setUint32(ip, 0x1000_2000);
  if (tcp) {
    view.setUint32(ip + TCP.sequence, sequence);
    packet[ip + TCP.offset] = 5 << 4;
    packet[ip + TCP.flags] = 0x10;
  } else view.setUint16(ip + UDP.length, size);
  packet.fill(sequence, ip + size - payload);
  restoreSum(packet);
  return packet;
}

/** Makes the transport checksum right, where there is one. */
function restoreSum(packet: Uint8Array): void {
  const v6 = (packet[0] as number) >> 4 === 6;
  const ip = v6 ? IPV6.size : IPV4.size;
  const protocol = packet[v6 ? IPV6.nextHeader : IPV4.protocol];
  const at = ip + (protocol === TCP.protocol ? TCP.checksum : UDP.checksum);
  if (at + 2 > packet.length || (protocol !== TCP.protocol && protocol !== UDP.protocol)) return;
  const half = v6 ? 16 : 4;
  const from = ip - 2 * half;
  const [source, destination] = [packet.subarray(from, from + half), packet.subarray(from + half, ip)];
  packet.fill(0, at, at + 2);
  const sum =
    ~onesSum(packet.subarray(ip), pseudoHeaderSum(source, destination, protocol, packet.length - ip)) & 0xffff;
  new DataView(packet.buffer, packet.byteOffset).setUint16(at, sum || 0xffff);
}

/** Its lengths are what the engine has seen to before anything is joined. */
function restoreLength(packet: Uint8Array): boolean {
  const version = (packet[0] as number) >> 4;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (version === 4 && packet.length >= IPV4.size) view.setUint16(IPV4.totalLength, packet.length);
  else if (version === 6 && packet.length >= IPV6.size) view.setUint16(IPV6.payloadLength, packet.length - IPV6.size);
  else return false;
  return true;
}

const families = [
  [false, true],
  [false, false],
  [true, true],
  [true, false],
] as const;

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);
  const arena = new Arena(1 << 20);
  const place = arena.take(70_000) + 6;
  const output = arena.take(200_000);
  const target = output + 1024;
  const splitter = new Splitter(arena);
  const specimens = families.flatMap(([v6, tcp]) => [1, 300, 4000].map((payload) => packetOf(v6, tcp, payload)));
  const mutator = new Mutator(dice, 4200);
  const word = () => (dice.chance(0.5) ? dice.below(70) : dice.below(65_536));
  const setHeader = (fields: readonly number[]) => {
    arena.bytes[place + VNET.flags] = fields[0] as number;
    arena.bytes[place + VNET.gsoType] = fields[1] as number;
    for (const [i, at] of [VNET.headerLength, VNET.gsoSize, VNET.checksumStart, VNET.checksumOffset].entries()) {
      arena.view.setUint16(place + at, fields[2 + i] as number, true);
    }
  };

  test('100,000 packets with any virtio_net_hdr: nothing is written where it does not belong', () => {
    let made = 0;
    fuzz(dice, 100_000, () => {
      const packet = dice.chance(0.9) ? mutator.mutate(specimens) : mutator.random(200);
      const six = (packet[0] ?? 0) >> 4 === 6;
      const [start, offset] = [six ? 40 : 20, dice.pick([6, 16])];
      const gso = [GSO.none, GSO.tcp4, GSO.tcp6, GSO.udp, GSO.tcp4 | GSO.ecn, 3, 255];
      setHeader([
        dice.chance(0.8) ? NEEDS_CSUM : dice.below(256),
        dice.pick(gso),
        word(),
        dice.chance(0.2) ? word() : 400 + dice.below(1000),
        dice.chance(0.3) ? word() : start,
        dice.chance(0.3) ? word() : offset,
      ]);
      arena.bytes.set(packet, place + VNET.size);
      const count = splitter.take(place, VNET.size + packet.length);
      const total = packet.length;
      if (count > Math.max(1, total)) throw new Error(`${count} packets of ${total} bytes`);
      for (const index of count > 4 ? [0, 1, count - 2, count - 1] : Array.from({ length: count }, (_, i) => i)) {
        arena.bytes.fill(CANARY, target - 64, target + total + 64);
        const length = count === 1 ? splitter.only(target) : splitter.segment(index, target);
        if (length > total || length <= 0) throw new Error(`a packet of ${length} bytes from ${total}`);
        for (let i = 1; i <= 64; i++) {
          if (arena.bytes[target - i] !== CANARY || arena.bytes[target + total + i - 1] !== CANARY) {
            throw new Error(`bytes around a packet of ${length} from ${total} were written`);
          }
        }
        made++;
      }
      const kept = arena.bytes.subarray(place + VNET.size, place + VNET.size + total);
      if (Buffer.compare(kept, packet) !== 0) throw new Error('the packet itself was changed');
    });
    expect(made).toBeGreaterThan(30_000);
  });

  test('20,000 runs of packets: what is written stands for exactly what came, and in a header that the kernel takes', () => {
    const written: Uint8Array[] = [];
    const joiner = new Joiner(arena, { tcp: true, udp: true }, (offset, length) => {
      written.push(arena.bytes.slice(offset, offset + length));
    });
    const owners = [{}, {}];
    let joined = 0;
    fuzz(dice, 20_000, () => {
      const [v6, tcp] = dice.pick(families);
      const payload = 1 + dice.below(300);
      const packets: Uint8Array[] = [];
      for (let i = 0, sequence = 1000; i < 6; i++, sequence += payload) {
        const plain = [packetOf(v6, tcp, dice.chance(0.8) ? payload : 1 + dice.below(payload), sequence)];
        const packet = dice.chance(0.3) ? mutator.mutate(plain).slice() : (plain[0] as Uint8Array);
        if (!restoreLength(packet)) continue;
        if (dice.chance(0.9)) restoreSum(packet);
        packets.push(packet);
      }
      written.length = 0;
      for (const packet of packets) {
        const owner = dice.chance(0.95) ? (owners[0] as object) : (owners[1] as object);
        arena.bytes.set(packet, place + VNET.size);
        if (!joiner.append(owner, place + VNET.size, packet.length))
          joiner.begin(owner, place + VNET.size, packet.length);
      }
      joiner.flush();
      if (written.length < packets.length) joined++;
      const apart = written.flatMap((bytes) => splitAgain(bytes));
      if (apart.length !== packets.length) throw new Error(`${packets.length} packets became ${apart.length}`);
      for (const [i, packet] of packets.entries()) {
        if (Buffer.compare(unnumbered(apart[i] as Uint8Array), unnumbered(packet)) !== 0)
          throw new Error(`packet ${i}: ${Buffer.from(packet).toString('hex')}`);
      }
    });
    expect(joined).toBeGreaterThan(10_000);
  });

  /** As the kernel reads it: virtio_net_hdr_to_skb and tun_get_user. */
  function splitAgain(bytes: Uint8Array): Uint8Array[] {
    const length = bytes.length - VNET.size;
    const view = new DataView(bytes.buffer);
    const [type, segment] = [view.getUint8(VNET.gsoType), view.getUint16(VNET.gsoSize, true)];
    const end = view.getUint16(VNET.checksumStart, true) + view.getUint16(VNET.checksumOffset, true) + 2;
    if (length > LARGEST) throw new Error(`${length} bytes are written`);
    if (type === GSO.none) return [bytes.slice(VNET.size)];
    if (view.getUint8(VNET.flags) !== NEEDS_CSUM || end > length || view.getUint16(VNET.headerLength, true) >= length) {
      throw new Error(`a header that the kernel refuses: ${bytes.subarray(0, VNET.size).join()}`);
    }
    if (segment === 0) throw new Error('segments without length');
    arena.bytes.set(bytes, place);
    const count = splitter.take(place, bytes.length);
    return Array.from({ length: count }, (_, index) =>
      arena.bytes.slice(target, target + splitter.segment(index, target)),
    );
  }
});

/** Without what joining may change: nobody looks at the number of a packet that is no fragment, nor for urgent data without its flag. */
function unnumbered(packet: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(packet);
  if ((copy[0] as number) >> 4 === 4) {
    copy.fill(0, IPV4.id, IPV4.id + 2);
    copy.fill(0, IPV4.checksum, IPV4.checksum + 2);
  }
  const ip = (copy[0] as number) >> 4 === 4 ? IPV4.size : IPV6.size;
  copy.fill(0, ip + TCP.checksum, ip + TCP.size);
  return copy;
}
