import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { echoPacket, ipv6Packet, SimulatedNetwork, SimulatedNode } from './testing.js';

const crypto = new NativeCrypto();

function pair(seed = 1) {
  const random = seededRandom(seed);
  const network = new SimulatedNetwork(random);
  const alice = new SimulatedNode(network, crypto, random, 'alice');
  const bob = new SimulatedNode(network, crypto, random, 'bob');
  alice.knows(bob, ['10.0.0.2/32', 'fd00::2/128']);
  bob.knows(alice, ['10.0.0.1/32', 'fd00::1/128']);
  return { network, alice, bob };
}

describe('two engines', () => {
  test('a packet brings about a handshake and then arrives', () => {
    const { network, alice, bob } = pair();
    const packet = echoPacket('10.0.0.1', '10.0.0.2', 7);
    expect(alice.engine.send(network.now, packet)).toBe('queued');
    network.advance(100);
    expect(bob.delivered).toEqual([{ label: 'alice', packet }]);
    expect(alice.eventTypes()).toEqual(['handshake_completed']);
    expect(bob.eventTypes()).toEqual(['handshake_completed']);
    expect(alice.engine.send(network.now, packet)).toBe('sent');
    network.advance(100);
    expect(bob.delivered).toHaveLength(2);
  });

  test('IPv6 both ways', () => {
    const { network, alice, bob } = pair();
    const there = ipv6Packet('fd00::1', 'fd00::2', Uint8Array.of(1));
    const back = ipv6Packet('fd00::2', 'fd00::1', Uint8Array.of(2, 3));
    alice.send(there);
    network.advance(100);
    bob.send(back);
    network.advance(100);
    expect(bob.delivered.map(({ packet }) => packet)).toEqual([there]);
    expect(alice.delivered.map(({ packet }) => packet)).toEqual([back]);
  });
});
