import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { formatPrefix, maskPrefix, type Prefix, prefixContainsAddress } from '#net';
import { messageKind } from '../messages.js';
import { Keypair } from '../session/keypair.js';
import { ipv4Packet, ipv6Packet } from '../testing.js';
import { AllowedIps } from './allowed-ips.js';
import { addressLayout, packetLength } from './ip-packet.js';
import { openTransport, paddedLength, sealTransport } from './transport-message.js';

const crypto = new NativeCrypto();

function sessionPair(): [Keypair, Keypair] {
  const random = seededRandom(1);
  const [a, b] = [random.bytes(32), random.bytes(32)];
  const make = (sendKey: Uint8Array, receiveKey: Uint8Array, localIndex: number, remoteIndex: number) =>
    new Keypair(crypto, { sendKey, receiveKey, localIndex, remoteIndex, presharedKey: 'none' }, 'initiator', 0, 1);
  return [make(a, b, 1, 0xfedc_ba98), make(b, a, 0xfedc_ba98, 1)];
}

describe('transport messages', () => {
  test('are sealed and opened in place anywhere in a buffer, and touch nothing around', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.uint8Array({ maxLength: 200 }), fc.nat(2 ** 52), (offset, packet, counter) => {
        const [ours, theirs] = sessionPair();
        ours.sendCounter = counter;
        const buffer = new Uint8Array(offset + packet.length + 32 + 5).fill(0xee);
        buffer.set(packet, offset + 16);
        const length = sealTransport(ours, buffer, offset, packet.length);
        expect(length).toBe(packet.length + 32);
        expect(ours.sendCounter).toBe(counter + 1);
        expect(messageKind(buffer.subarray(offset, offset + length))).toBe('transport');
        const view = new DataView(buffer.buffer, offset);
        expect([view.getUint32(4, true), Number(view.getBigUint64(8, true))]).toEqual([0xfedc_ba98, counter]);
        expect(openTransport(theirs, buffer, offset, length)).toBe(packet.length);
        expect(buffer.subarray(offset + 16, offset + 16 + packet.length)).toEqual(packet);
        expect(buffer.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
        expect(buffer.subarray(offset + length).every((byte) => byte === 0xee)).toBe(true);
      }),
    );
  });

  test('that are forged leave the replay window alone', () => {
    const [ours, theirs] = sessionPair();
    const buffer = new Uint8Array(48);
    const length = sealTransport(ours, buffer, 0, 16);
    const forged = Uint8Array.from(buffer);
    forged[40] = (forged[40] as number) ^ 1;
    expect(openTransport(theirs, forged, 0, length)).toBe('not_authentic');
    expect(openTransport(theirs, Uint8Array.from(buffer), 0, length)).toBe(16);
    expect(openTransport(theirs, Uint8Array.from(buffer), 0, length)).toBe('replayed');
  });

  test('are padded to sixteen bytes within the MTU', () => {
    const lengths = [0, 1, 16, 1400, 1409, 1420, 1421, 9000];
    expect(lengths.map((length) => paddedLength(length, 1420))).toEqual([0, 16, 16, 1408, 1420, 1420, 1421, 9000]);
  });
});

describe('IP headers', () => {
  test('give the length of the packet without what is behind it', () => {
    for (const packet of [
      ipv4Packet('10.0.0.1', '10.0.0.2', Uint8Array.of(1, 2, 3)),
      ipv6Packet('fd00::1', 'fd00::2', Uint8Array.of(1, 2, 3)),
    ]) {
      const padded = Uint8Array.of(...packet, 0, 0, 0);
      const layout = addressLayout(padded);
      expect(layout && packetLength(padded, layout)).toBe(packet.length);
      expect(layout && packetLength(packet.subarray(0, -1), layout)).toBeUndefined();
    }
  });

  test('that are cut short or of another version are none', () => {
    expect(addressLayout(new Uint8Array())).toBeUndefined();
    expect(addressLayout(ipv4Packet('10.0.0.1', '10.0.0.2', new Uint8Array()).subarray(1))).toBeUndefined();
    expect(addressLayout(ipv4Packet('10.0.0.1', '10.0.0.2', new Uint8Array()).subarray(0, 19))).toBeUndefined();
    expect(addressLayout(ipv6Packet('fd00::1', 'fd00::2', new Uint8Array()).subarray(0, 39))).toBeUndefined();
  });
});

/** The obvious twin: a list in which the last owner of a prefix counts. */
class SlowAllowedIps {
  private entries: { owner: object; prefix: Prefix }[] = [];

  add(owner: object, prefix: Prefix): void {
    this.entries = this.entries.filter((entry) => formatPrefix(entry.prefix) !== formatPrefix(prefix));
    this.entries.push({ owner, prefix });
  }

  remove(owner: object, prefix: Prefix): void {
    const name = formatPrefix(prefix);
    this.entries = this.entries.filter((entry) => entry.owner !== owner || formatPrefix(entry.prefix) !== name);
  }

  removeAll(owner: object): void {
    this.entries = this.entries.filter((entry) => entry.owner !== owner);
  }

  ownerOf(address: Uint8Array): object | undefined {
    const holding = this.entries.filter(({ prefix }) => prefixContainsAddress(prefix, address));
    return holding.sort((a, b) => b.prefix.bits - a.prefix.bits)[0]?.owner;
  }
}

describe('AllowedIps', () => {
  test('agrees with a list, for destinations and sources of either family', () => {
    const address = fc
      .oneof(
        fc.array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 }),
        fc.array(fc.constantFrom(0, 255), { minLength: 16, maxLength: 16 }),
      )
      .map((bytes) => Uint8Array.from(bytes));
    const step = fc.record({
      what: fc.constantFrom('add', 'add', 'add', 'remove', 'removeAll'),
      owner: fc.nat(3),
      prefix: fc.tuple(address, fc.nat(128)).map(([at, bits]) => maskPrefix(at, Math.min(bits, at.length * 8))),
    });
    const owners = Array.from({ length: 4 }, (_, number) => ({ number }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(address, { maxLength: 20 }), (steps, addresses) => {
        const fast = new AllowedIps<object>();
        const slow = new SlowAllowedIps();
        for (const { what, owner: number, prefix } of steps) {
          const owner = owners[number] as object;
          for (const table of [fast, slow]) {
            if (what === 'add') table.add(owner, prefix);
            else if (what === 'remove') table.remove(owner, prefix);
            else table.removeAll(owner);
          }
        }
        for (const at of addresses) {
          const [packet, source, destination] = at.length === 4 ? [20, 12, 16] : [40, 8, 24];
          const outgoing = new Uint8Array(packet as number);
          outgoing[0] = at.length === 4 ? 0x45 : 0x60;
          const incoming = Uint8Array.from(outgoing);
          outgoing.set(at, destination);
          incoming.set(at, source);
          expect(fast.ownerOfDestination(outgoing)).toBe(slow.ownerOf(at));
          expect(fast.owner(incoming, source, at.length)).toBe(slow.ownerOf(at));
        }
      }),
    );
  });

  test('lists what an owner has', () => {
    const table = new AllowedIps<object>();
    const owner = {};
    const [one, two] = [maskPrefix(Uint8Array.of(10, 0, 0, 0), 8), maskPrefix(Uint8Array.of(10, 1, 0, 0), 16)];
    table.add(owner, one);
    table.add(owner, two);
    table.add({}, one);
    expect(table.of(owner)).toEqual([two]);
    table.remove(owner, one);
    expect(table.ownerOfDestination(ipv4Packet('1.1.1.1', '10.2.0.0', new Uint8Array()))).toBeDefined();
  });
});
