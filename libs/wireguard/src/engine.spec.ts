import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { parsePrefix } from '#net';
import { echoPacket, ipv4Packet, ipv6Packet, type PairOptions, SimulatedPair } from './testing.js';

const crypto = new NativeCrypto();
const pair = (options: PairOptions = {}) => new SimulatedPair({ crypto, ...options });
/** To Bob. */
const packetFrom = (source: string) =>
  source.includes(':')
    ? ipv6Packet(source, 'fd00::2', new Uint8Array(4))
    : ipv4Packet(source, '10.0.0.2', new Uint8Array(4));
const packets = (node: SimulatedPair['alice']) => node.delivered.map(({ packet }) => packet);

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
    expect(packets(bob)).toEqual([there]);
    expect(packets(alice)).toEqual([back]);
  });

  test('both initiating at once end up with sessions that lose nothing', () => {
    const both = pair();
    const there = both.aliceSends();
    const back = both.bobSends();
    both.network.advance(100);
    expect(packets(both.bob)).toEqual([there]);
    expect(packets(both.alice)).toEqual([back]);
    expect(both.bob.engine.status().drops).toEqual(both.alice.engine.status().drops);
    expect(both.bob.engine.status().drops.unknown_index).toBe(0);
  });

  test('counts bytes and remembers the time of the handshake', () => {
    const { alice, bob, network } = pair().connect();
    const [toBob] = alice.engine.status().peers;
    const [toAlice] = bob.engine.status().peers;
    expect(toBob).toMatchObject({ txBytes: 148 + 64, rxBytes: 92, connected: true, label: 'bob' });
    expect(toAlice).toMatchObject({ rxBytes: 148 + 64, txBytes: 92, connected: true, identity: bob.keys.publicKey });
    expect(toBob?.lastHandshakeAt).toBe(1_800_000_000_000 + 10);
    expect(network.now).toBe(100);
  });

  test('the pre-shared key must be the same on both sides', () => {
    const same = pair({ peer: { presharedKey: new Uint8Array(32).fill(5) } }).connect();
    expect(same.bob.delivered).toHaveLength(1);
    const other = pair();
    other.alice.engine.updatePeer(0, other.bob.keys.publicKey, { presharedKey: new Uint8Array(32).fill(5) });
    other.connect().network.advance(20_000);
    expect(other.bob.delivered).toEqual([]);
    expect(other.alice.engine.status().drops.bad_handshake).toBeGreaterThan(0);
    expect(other.alice.eventTypes()).toEqual([]);
  });

  test('a stranger gets no answer', () => {
    const { alice, bob, network } = pair();
    bob.engine.removePeer(alice.keys.publicKey);
    let answers = 0;
    network.tap = (from) => {
      answers += from === 'bob' ? 1 : 0;
      return true;
    };
    alice.send(echoPacket('10.0.0.1', '10.0.0.2', 1));
    network.advance(30_000);
    expect(answers).toBe(0);
    expect(bob.engine.status().drops.unknown_peer).toBeGreaterThan(1);
  });

  test('datagrams that are not WireGuard are passed on with their path', () => {
    const { bob } = pair();
    const stun = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42);
    for (const datagram of [stun, Uint8Array.of(), Uint8Array.of(1, 0), Uint8Array.of(5, 0, 0, 0)]) {
      bob.engine.receive(0, { key: 'x' }, datagram);
    }
    expect(bob.foreign).toHaveLength(4);
    bob.engine.receive(0, { key: 'x' }, Uint8Array.of(4, 0, 0, 0, 9));
    expect(bob.foreign).toHaveLength(4);
    expect(bob.engine.status().drops.malformed).toBe(1);
  });
});

describe('cryptokey routing', () => {
  test('a packet goes to nobody, waits for a path, or is refused for its source', () => {
    const { network, alice, bob } = pair();
    expect(alice.engine.send(0, echoPacket('10.0.0.1', '10.0.0.3', 1))).toBe('no_peer');
    expect(alice.engine.send(0, Uint8Array.of(0x45))).toBe('no_peer');
    alice.send(echoPacket('10.9.9.9', '10.0.0.2', 1));
    network.advance(100);
    expect(bob.delivered).toEqual([]);
    expect(bob.engine.status().drops.source_not_allowed).toBe(1);
  });

  test('a packet that waited for a path leaves when there is one', () => {
    const { network, alice, bob } = pair();
    alice.engine.removePeer(bob.keys.publicKey);
    alice.engine.addPeer(0, { publicKey: bob.keys.publicKey, allowedIps: [parsePrefix('10.0.0.2/32')] });
    const packet = echoPacket('10.0.0.1', '10.0.0.2', 1);
    expect(alice.engine.send(0, packet)).toBe('no_path');
    network.advance(10_000);
    alice.engine.updatePeer(network.now, bob.keys.publicKey, { path: { key: 'bob' } });
    network.advance(100);
    expect(packets(bob)).toEqual([packet]);
  });

  test('a prefix that is given to another peer is taken from the first', () => {
    const { network, alice, bob } = pair().connect();
    const publicKey = new Uint8Array(32).fill(9);
    alice.engine.addPeer(0, { publicKey, allowedIps: [parsePrefix('10.0.0.2/32')], path: { key: 'x' } });
    expect(alice.engine.send(network.now, echoPacket('10.0.0.1', '10.0.0.2', 1))).toBe('queued');
    alice.engine.removePeer(publicKey);
    expect(alice.engine.send(network.now, echoPacket('10.0.0.1', '10.0.0.2', 1))).toBe('no_peer');
    expect(alice.engine.status().peers.map((peer) => peer.allowedIps.length)).toEqual([1]);
    expect(bob.delivered).toHaveLength(1);
  });

  test('the next packet from an address that was given to another peer is refused', () => {
    const { network, alice, bob } = pair().connect();
    const others = [
      { source: '10.0.0.1', prefix: '10.0.0.1/32' },
      { source: 'fd00::1', prefix: 'fd00::1/128' },
    ];
    for (const [index, { source, prefix }] of others.entries()) {
      for (let i = 0; i < 2; i++) alice.send(packetFrom(source));
      network.advance(100);
      const before = bob.delivered.length;
      bob.engine.addPeer(network.now, {
        publicKey: new Uint8Array(32).fill(20 + index),
        allowedIps: [parsePrefix(prefix)],
      });
      alice.send(packetFrom(source));
      network.advance(100);
      expect(bob.delivered).toHaveLength(before);
      expect(bob.engine.status().drops.source_not_allowed).toBe(index + 1);
    }
  });

  test('an address is told apart from others of the same peer by every part of it', () => {
    const { network, alice, bob } = pair().connect();
    bob.engine.updatePeer(0, alice.keys.publicKey, { allowedIps: ['10.0.0.1/32', 'fd00::1/128'].map(parsePrefix) });
    const [four, six] = [
      ['10.0.0.1', '10.0.0.9'],
      ['fd00::1', 'fd00:1::1', 'fd00::1:0:0:0:1', 'fd00::1:0:1', 'fd00::2'],
    ];
    for (const source of [...four, ...six]) {
      const before = bob.delivered.length;
      alice.send(packetFrom(source));
      network.advance(100);
      expect(bob.delivered.length - before).toBe(source === four[0] || source === six[0] ? 1 : 0);
    }
  });

  test('padding goes up to 16 bytes, not beyond the MTU, and is not delivered', () => {
    const { network, alice, bob } = pair({ engine: { mtu: 100 } }).connect();
    const sizes: number[] = [];
    network.tap = (_from, _to, datagram) => {
      sizes.push(datagram.length - 32);
      return true;
    };
    for (const length of [20, 32, 33, 97, 100, 130]) {
      alice.send(ipv4Packet('10.0.0.1', '10.0.0.2', new Uint8Array(length - 20).fill(1)));
    }
    network.advance(100);
    expect(sizes).toEqual([32, 32, 48, 100, 100, 130]);
    expect(bob.delivered.slice(1).map(({ packet }) => packet.length)).toEqual([20, 32, 33, 97, 100, 130]);
  });

  test('an inner packet that claims to be longer than it is, or is no IP packet, is dropped', () => {
    const { network, alice, bob } = pair().connect();
    const long = echoPacket('10.0.0.1', '10.0.0.2', 1);
    long[3] = 200;
    alice.send(long);
    const headless = echoPacket('10.0.0.1', '10.0.0.2', 1);
    headless[3] = 10;
    alice.send(headless);
    network.advance(100);
    expect(bob.delivered).toHaveLength(1);
    expect(bob.engine.status().drops.not_ip).toBe(2);
  });
});

describe('roaming', () => {
  test('the path follows the peer', () => {
    const moving = pair().connect();
    const { network, alice, bob } = moving;
    alice.moveTo('cafe');
    const lost = moving.bobSends();
    network.advance(100);
    moving.aliceSends();
    network.advance(100);
    const found = moving.bobSends();
    network.advance(100);
    expect(packets(alice)).toEqual([found]);
    expect(packets(alice)).not.toContainEqual(lost);
    expect(bob.engine.status().peers[0]?.path).toEqual({ key: 'cafe' });
    expect(bob.events.at(-1)).toMatchObject({ type: 'peer_roamed', from: { key: 'alice' }, to: { key: 'cafe' } });
  });

  test('unless the peer is pinned to its path', () => {
    const moving = pair({ peer: { roaming: false } }).connect();
    moving.alice.moveTo('cafe');
    moving.aliceSends();
    moving.network.advance(100);
    expect(moving.bob.delivered).toHaveLength(2);
    expect(moving.bob.engine.status().peers[0]?.path).toEqual({ key: 'alice' });
  });
});

describe('configuration errors', () => {
  test('have codes', () => {
    const { alice, bob } = pair();
    const peer = (publicKey: Uint8Array) => ({ publicKey, allowedIps: [] });
    expect(() => alice.engine.addPeer(0, peer(bob.keys.publicKey))).toThrow(
      expect.objectContaining({ code: 'wireguard.peer_exists' }),
    );
    expect(() => alice.engine.addPeer(0, peer(alice.keys.publicKey))).toThrow(
      expect.objectContaining({ code: 'wireguard.own_key' }),
    );
    expect(() => alice.engine.addPeer(0, peer(new Uint8Array(31)))).toThrow(
      expect.objectContaining({ code: 'wireguard.bad_key' }),
    );
    for (const changes of [{ presharedKey: new Uint8Array(33) }, { alsoAccepted: [new Uint8Array(16)] }]) {
      const code = 'wireguard.bad_key';
      expect(() => alice.engine.updatePeer(0, bob.keys.publicKey, changes)).toThrow(expect.objectContaining({ code }));
      expect(() => alice.engine.addPeer(0, { ...peer(new Uint8Array(32).fill(9)), ...changes })).toThrow(
        expect.objectContaining({ code }),
      );
    }
    expect(alice.engine.status().peers).toHaveLength(1);
    expect(() => alice.engine.updatePeer(0, new Uint8Array(32), {})).toThrow(
      expect.objectContaining({ code: 'wireguard.no_peer' }),
    );
  });
});
