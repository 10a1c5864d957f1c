import { describe, expect, test } from '@jest/globals';
import { Dice, fuzz, fuzzSeeds, heapInUse, Mutator } from '#sim';
import { decode } from './packet/decode.js';
import { PacketHeaders } from './packet/headers.js';
import { PacketFilter } from './packet-filter.js';
import { PEER, peer, rule, SELF } from './testing/filter-fixture.js';
import { echo, icmp, ipPacket, tcp, transport, udp } from './testing/packet-builder.js';

const [SELF6, PEER6] = ['fd7a::1', 'fd7a::2'];
const FLOWS = 500;
const LONGEST = 400;

const extension = (type: number, ...bytes: number[]) => ({
  type,
  bytes: Uint8Array.from({ length: Math.ceil(Math.max(8, bytes.length) / 8) * 8 }, (_, i) => bytes[i] ?? 0),
});

/** Packets of every shape that the filter knows, from the peer and to it. */
function specimens(): Uint8Array[] {
  return [[PEER, SELF, PEER6, SELF6] as const, [SELF, PEER, SELF6, PEER6] as const].flatMap(
    ([from, to, from6, to6]) => {
      const [quote, quote6] = [udp(to, from, [2000, 53]), tcp(to6, from6, [2000, 443])];
      const payload = transport(1000, 22);
      const six = (...extensions: ReturnType<typeof extension>[]) =>
        ipPacket({ from: from6, to: to6, protocol: 6, payload, extensions });
      return [
        tcp(from, to, [1000, 22]),
        tcp(from6, to6, [1000, 22], 0x10),
        tcp(from, to, [1000, 22], 0x14),
        udp(from, to, [53, 2000]),
        udp(from6, to6, [53, 2000], new Uint8Array(30)),
        echo(from, to, 'request', 9),
        echo(from6, to6, 'reply', 9),
        icmp(from, to, 3, 0, quote),
        icmp(from6, to6, 2, 1280, quote6),
        icmp(from6, to6, 135),
        ipPacket({ from, to, protocol: 6, payload, options: Uint8Array.of(1, 1, 7, 3, 4, 0, 0, 0) }),
        ipPacket({
          from,
          to,
          protocol: 17,
          payload: udp(from, to, [1, 2]),
          fragment: { id: 7, offset: 0, more: true },
        }),
        ipPacket({ from, to, protocol: 17, payload, fragment: { id: 7, offset: 64, more: false } }),
        six(extension(0), extension(60), extension(43)),
        six(extension(44, 0, 0, 0, 1, 0, 0, 0, 7)),
        six(extension(44, 0, 0, 0, 0x40, 0, 0, 0, 7)),
        six(extension(51, 0, 4, ...new Array<number>(22).fill(0))),
      ];
    },
  );
}

function filterWith(rules: Parameters<PacketFilter['setRules']>[0]): PacketFilter {
  const filter = new PacketFilter({ seed: 7, flows: FLOWS, fragments: 100 });
  filter.configure({ self: { addresses: [SELF, SELF6] }, rules, peers: [peer(), peer({ id: 'q', addresses: [] })] });
  return filter;
}

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);
  const mutator = new Mutator(dice, LONGEST);
  const samples = specimens();

  test('300,000 packets: no decoder looks beyond its packet', () => {
    const room = new Uint8Array(LONGEST + 200);
    const [alone, amid] = [new PacketHeaders(), new PacketHeaders()];
    let fine = 0;
    fuzz(dice, 300_000, () => {
      const packet = mutator.mutate(samples);
      const at = dice.below(100);
      room.fill(dice.pick([0, 0xff, 0x45]));
      room.set(packet, at);
      const extent = dice.pick(['whole', 'quoted'] as const);
      const verdict = decode(alone, packet.slice(), 0, packet.length, extent);
      if (decode(amid, room, at, packet.length, extent) !== verdict) throw new Error(`${packet.join()} at ${at}`);
      if (verdict !== 'ok') return;
      fine++;
      amid.transport -= at;
      amid.end -= at;
      if (amid.end > packet.length || amid.transport > amid.end) throw new Error(`${packet.join()} ends late`);
      if (dice.chance(0.01)) expect(amid).toEqual(alone);
    });
    expect(fine).toBeGreaterThan(30_000);
  });

  test('200,000 packets where nothing is permitted and nothing was sent: none is let in', () => {
    const filter = filterWith([]);
    fuzz(dice, 200_000, () => {
      const packet = mutator.mutate(samples);
      const { allowed, reason } = filter.inbound(dice.below(1e6), dice.pick(['p', 'q', 'r']), packet);
      if (allowed) throw new Error(`${reason}: ${packet.join()}`);
    });
    expect(filter.flows).toBe(0);
  });

  test('200,000 packets both ways: what is let in is permitted or answers, and the memory stays bounded', () => {
    const filter = filterWith([rule('ssh')]);
    const headers = new PacketHeaders();
    let now = 0;
    let answers = 0;
    fuzz(dice, 200_000, () => {
      now += dice.below(100);
      const packet = mutator.mutate(samples);
      if (dice.chance(0.3)) {
        filter.outbound(now, 'p', packet);
        return;
      }
      const { allowed, reason } = filter.inbound(now, 'p', packet);
      if (reason === 'reply') answers++;
      if (!allowed) return;
      if (decode(headers, packet, 0, packet.length) !== 'ok') throw new Error(`malformed: ${packet.join()}`);
      const ruled = headers.protocol === 1 || headers.protocol === 58 || headers.destinationPort === 22;
      if (reason === 'rule' && !ruled) throw new Error(`not permitted: ${packet.join()}`);
      if (filter.flows > 2 * FLOWS) throw new Error(`${filter.flows} flows`);
    });
    expect(answers).toBeGreaterThan(50);
  });

  test('flows, fragments and destinations without end take a bounded memory', () => {
    const everywhere = Array.from({ length: 40 }, (_, i) =>
      rule(`${i}`, { src: [{ kind: 'any' }], dst: { kind: 'prefix', prefix: `10.${i}.0.0/16` } }),
    );
    const filter = filterWith(everywhere);
    const flood = (attempts: number) =>
      fuzz(dice, attempts, () => {
        const [from, to] = [
          `172.16.${dice.below(256)}.${dice.below(256)}`,
          `10.${dice.below(40)}.0.${dice.below(256)}`,
        ];
        const id = dice.below(65_536);
        filter.inbound(0, 'p', tcp(from, to, [dice.below(65_536), 22]));
        const first = transport(5, 22);
        filter.inbound(
          0,
          'p',
          ipPacket({ from, to, protocol: 6, payload: first, fragment: { id, offset: 0, more: true } }),
        );
      });
    flood(2_000);
    const before = heapInUse();
    flood(10_000);
    expect(heapInUse() - before).toBeLessThan(1);
    expect(filter.flows).toBe(FLOWS);
  });
});
