import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { echoPacket, type PairOptions, type SimulatedNode, SimulatedPair } from './testing.js';

const crypto = new NativeCrypto();
const SECOND = 1000;
const pair = (options: PairOptions = {}) => new SimulatedPair({ crypto, ...options });

/** @param sent packets each way */
function expectNothingLost(simulated: SimulatedPair, sent: number): void {
  simulated.network.advance(SECOND);
  expect(simulated.alice.delivered).toHaveLength(sent);
  // One more packet brought the session about.
  expect(simulated.bob.delivered).toHaveLength(sent + 1);
}

const identities = (node: SimulatedNode) =>
  node.events.flatMap((event) => (event.type === 'handshake_completed' ? [event.identity] : []));

describe('rotation of the own key, under a ping every 10 ms', () => {
  test('loses no packet when the peer learns of it two seconds later', () => {
    const simulated = pair().connect();
    const before = simulated.alice.keys.publicKey;
    let sent = simulated.pingBothWays(10, SECOND);
    simulated.rotateKey('alice', 2 * SECOND);
    sent += simulated.pingBothWays(10, 10 * SECOND);
    expectNothingLost(simulated, sent);
    expect(identities(simulated.alice)).toEqual([before, simulated.alice.keys.publicKey]);
    expect(simulated.bob.engine.status().peers[0]?.publicKey).toEqual(simulated.alice.keys.publicKey);
  });

  test('loses no packet when the peer does not learn of it before the next rekey', () => {
    const simulated = pair().connect();
    const before = simulated.alice.keys.publicKey;
    simulated.rotateKey('alice', 130 * SECOND);
    let sent = simulated.pingBothWays(200, 115 * SECOND);
    sent += simulated.pingBothWays(10, 20 * SECOND);
    sent += simulated.pingBothWays(200, 60 * SECOND);
    expectNothingLost(simulated, sent);
    const after = simulated.alice.keys.publicKey;
    expect(identities(simulated.alice)).toEqual([before, before, after]);
    expect(simulated.alice.events).toContainEqual({ type: 'identity_retired', identity: before });
  });

  test('of both sides at once loses no packet', () => {
    const simulated = pair().connect();
    let sent = simulated.pingBothWays(10, SECOND);
    simulated.rotateKey('alice', 300);
    simulated.rotateKey('bob', 200);
    sent += simulated.pingBothWays(10, 30 * SECOND);
    expectNothingLost(simulated, sent);
    expect(identities(simulated.alice).at(-1)).toEqual(simulated.alice.keys.publicKey);
    expect(identities(simulated.bob).at(-1)).toEqual(simulated.bob.keys.publicKey);
  });

  test('at any times and in any order loses no packet', () => {
    const rotation = fc.record({
      who: fc.constantFrom('alice' as const, 'bob' as const),
      wait: fc.integer({ min: 6, max: 60 }),
      tellAfter: fc.integer({ min: 0, max: 5_000 }),
    });
    fc.assert(
      fc.property(fc.array(rotation, { minLength: 1, maxLength: 4 }), fc.nat(), (rotations, seed) => {
        const simulated = pair({ seed }).connect();
        let sent = 0;
        for (const { who, wait, tellAfter } of rotations) {
          simulated.rotateKey(who, tellAfter);
          sent += simulated.pingBothWays(100, wait * SECOND);
        }
        sent += simulated.pingBothWays(100, 130 * SECOND);
        expectNothingLost(simulated, sent);
      }),
      { numRuns: 8 },
    );
  });
});

describe('a former identity', () => {
  test('is fallen back from when a handshake under it goes unanswered', () => {
    const simulated = pair().connect();
    const { network, alice, bob } = simulated;
    network.advance(200 * SECOND);
    simulated.rotateKey('alice', 0);
    network.advance(SECOND);
    const packet = simulated.aliceSends();
    network.advance(SECOND);
    expect(bob.delivered).toHaveLength(1);
    network.advance(6 * SECOND);
    expect(bob.delivered.at(-1)?.packet).toEqual(packet);
    expect(alice.engine.status().peers[0]?.identity).toEqual(alice.keys.publicKey);
  });

  test('is fallen back from under steady traffic too', () => {
    const simulated = pair().connect();
    simulated.network.advance(200 * SECOND);
    simulated.rotateKey('alice', 0);
    simulated.repeatedly(10, 6 * SECOND, () => simulated.aliceSends());
    expect(simulated.bob.delivered.length).toBeGreaterThan(1);
  });

  test('is fallen back to towards a peer that has not heard of the new one', () => {
    const simulated = pair();
    const former = simulated.alice.keys.publicKey;
    simulated.rotateKey('alice', 150 * SECOND);
    simulated.aliceSends();
    simulated.network.advance(SECOND);
    expect(simulated.bob.delivered).toHaveLength(0);
    simulated.network.advance(6 * SECOND);
    expect(simulated.bob.delivered).toHaveLength(1);
    expect(simulated.alice.engine.status().peers[0]?.identity).toEqual(former);
  });

  test('answers until it is retired, at once or after three minutes', () => {
    for (const retireAtOnce of [true, false]) {
      const simulated = pair();
      const { network, alice, bob } = simulated;
      const former = alice.keys.publicKey;
      simulated.rotateKey('alice', 1000 * SECOND);
      if (retireAtOnce) alice.engine.retireIdentity(network.now, former);
      else network.advance(181 * SECOND);
      expect(alice.events).toEqual([{ type: 'identity_retired', identity: former }]);
      bob.send(echoPacket('10.0.0.2', '10.0.0.1', 1));
      network.advance(SECOND);
      expect(alice.delivered).toEqual([]);
      expect(alice.engine.status().drops.bad_mac1).toBe(1);
    }
  });

  test('answers for as long as it is wanted, and then for as long as it is told', () => {
    const simulated = pair();
    const { network, alice, bob } = simulated;
    const former = alice.keys.publicKey;
    alice.engine.rotatePrivateKey(
      network.now,
      newDhKeyPair(crypto, seededRandom(9)).privateKey,
      Number.POSITIVE_INFINITY,
    );
    network.advance(10_000 * SECOND);
    bob.send(echoPacket('10.0.0.2', '10.0.0.1', 1));
    network.advance(SECOND);
    expect(alice.delivered).toHaveLength(1);
    alice.engine.retireIdentity(network.now, former, 5 * SECOND);
    network.advance(4 * SECOND);
    expect(alice.eventTypes()).not.toContain('identity_retired');
    network.advance(2 * SECOND);
    expect(alice.eventTypes()).toContain('identity_retired');
  });

  test('that is retired while a handshake under it runs gives way to the current one', () => {
    const simulated = pair().connect();
    const { network, alice, bob } = simulated;
    const former = alice.keys.publicKey;
    network.advance(200 * SECOND);
    simulated.rotateKey('alice', 0);
    network.advance(1);
    simulated.aliceSends();
    alice.engine.retireIdentity(network.now, former);
    network.advance(SECOND);
    expect(bob.delivered).toHaveLength(2);
  });

  test('cannot be the current one', () => {
    const { alice } = pair();
    expect(() => alice.engine.retireIdentity(0, alice.keys.publicKey)).toThrow(
      expect.objectContaining({ code: 'wireguard.current_identity' }),
    );
  });

  test('keys are rotated as often as one likes, and few former ones are kept', () => {
    const simulated = pair().connect();
    for (let i = 0; i < 10; i++) {
      simulated.alice.engine.rotatePrivateKey(simulated.network.now, newDhKeyPair(crypto, seededRandom(i)).privateKey);
    }
    expect(simulated.alice.engine.device.identities.former).toHaveLength(3);
    expect(simulated.alice.eventTypes().filter((type) => type === 'identity_retired')).toHaveLength(7);
  });
});

describe('a peer whose key is replaced', () => {
  test('is the same peer to the outside, with its counters, path and prefixes', () => {
    const simulated = pair().connect();
    const { network, alice, bob } = simulated;
    const [before] = bob.engine.status().peers;
    simulated.rotateKey('alice', 0);
    simulated.aliceSends();
    network.advance(100);
    expect(bob.delivered.map(({ label }) => label)).toEqual(['alice', 'alice']);
    const [after, ...others] = bob.engine.status().peers;
    expect(others).toEqual([]);
    expect(after).toMatchObject({ label: 'alice', path: before?.path, allowedIps: before?.allowedIps });
    expect(after?.publicKey).toEqual(alice.keys.publicKey);
    expect(after?.rxBytes).toBeGreaterThan(before?.rxBytes ?? 0);
  });

  test('goes on over the old session while the new key does not answer, until that expires', () => {
    const simulated = pair().connect();
    const { network, alice, bob } = simulated;
    bob.engine.replacePeerKey(network.now, alice.keys.publicKey, newDhKeyPair(crypto, seededRandom(5)).publicKey);
    simulated.repeatedly(SECOND, 200 * SECOND, () => {
      simulated.aliceSends();
      simulated.bobSends();
    });
    expect(alice.delivered).toHaveLength(180);
    expect(bob.delivered).toHaveLength(181);
  });

  test('is not handshaken with when there is nothing to say', () => {
    const { network, alice, bob } = pair();
    bob.engine.replacePeerKey(0, alice.keys.publicKey, new Uint8Array(32).fill(9));
    network.tap = () => {
      throw new Error('nothing should be sent');
    };
    network.advance(60 * SECOND);
    expect(bob.engine.nextTimer()).toBeUndefined();
  });

  test('must exist, and its new key must be free', () => {
    const { alice, bob } = pair();
    const replace = (from: Uint8Array, to: Uint8Array) => () => bob.engine.replacePeerKey(0, from, to);
    const key = new Uint8Array(32).fill(9);
    expect(replace(key, key)).toThrow(expect.objectContaining({ code: 'wireguard.no_peer' }));
    expect(replace(alice.keys.publicKey, alice.keys.publicKey)).toThrow(
      expect.objectContaining({ code: 'wireguard.peer_exists' }),
    );
  });
});
