import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NativeCrypto } from '#crypto/native';
import { NO_PRESHARED_KEY } from './constants.js';
import { type PairOptions, SimulatedPair } from './testing.js';

const crypto = new NativeCrypto();
const SECOND = 1000;
const pair = (options: PairOptions = {}) => new SimulatedPair({ crypto, ...options });
const key = (value: number) => new Uint8Array(32).fill(value);
const none = Uint8Array.from(NO_PRESHARED_KEY);

type Who = 'alice' | 'bob';

/** What a node answers with, and what it accepts beside that. */
function give(simulated: SimulatedPair, who: Who, presharedKey: Uint8Array, ...alsoAccepted: Uint8Array[]): void {
  const other = who === 'alice' ? simulated.bob : simulated.alice;
  simulated[who].engine.updatePeer(simulated.network.now, other.keys.publicKey, { presharedKey, alsoAccepted });
}

const renew = ({ network, alice, bob }: SimulatedPair, who: Who) =>
  who === 'alice'
    ? alice.engine.renewSession(network.now, bob.keys.publicKey)
    : bob.engine.renewSession(network.now, alice.keys.publicKey);

const useOf = ({ alice, bob }: SimulatedPair) =>
  [alice, bob].map(({ engine }) => engine.status().peers[0]?.presharedKey);

/** @param sent packets each way, of which one more brought the session about */
function expectNothingLost(simulated: SimulatedPair, sent: number): void {
  simulated.network.advance(SECOND);
  expect(simulated.alice.delivered).toHaveLength(sent);
  expect(simulated.bob.delivered).toHaveLength(sent + 1);
}

describe('pre-shared keys of which one side has more', () => {
  test('are chosen by the side that answers', () => {
    for (const [answer, use] of [
      [key(1), 'own'],
      [key(2), 'accepted'],
      [none, 'none'],
    ] as const) {
      const simulated = pair();
      give(simulated, 'alice', key(1), key(2), none);
      give(simulated, 'bob', answer);
      simulated.connect();
      expect(simulated.bob.delivered).toHaveLength(1);
      expect(useOf(simulated)[0]).toBe(use);
    }
  });

  test('that fits none of those accepted makes no session', () => {
    const simulated = pair();
    give(simulated, 'alice', key(1), key(2));
    give(simulated, 'bob', key(3));
    simulated.connect().network.advance(20 * SECOND);
    expect(simulated.bob.delivered).toEqual([]);
    expect(simulated.alice.events).toEqual([]);
  });

  test('that the other side has lost cut nothing: who cannot be read begins in turn', () => {
    const simulated = pair();
    give(simulated, 'bob', key(1), none);
    simulated.aliceSends();
    simulated.network.advance(7 * SECOND);
    expect(simulated.bob.delivered).toHaveLength(1);
    expect(useOf(simulated)).toEqual(['none', 'none']);
  });

  test('and that are not to be lost do cut it', () => {
    const simulated = pair();
    give(simulated, 'bob', key(1));
    simulated.aliceSends();
    simulated.network.advance(30 * SECOND);
    expect(simulated.bob.delivered).toEqual([]);
  });
});

describe('a pre-shared key that is replaced, under a ping every 10 ms', () => {
  const replace = (simulated: SimulatedPair, ping: (ms: number) => void, from: Uint8Array, to: Uint8Array) => {
    give(simulated, 'bob', from, to, none);
    ping(300);
    give(simulated, 'alice', to, from, none);
    ping(300);
    give(simulated, 'bob', to, from, none);
    renew(simulated, 'bob');
    ping(300);
  };

  test('loses no packet, and is in use at once', () => {
    const simulated = pair().connect();
    let sent = 0;
    const ping = (ms: number) => {
      sent += simulated.pingBothWays(10, ms);
    };
    replace(simulated, ping, none, key(1));
    expect(useOf(simulated)).toEqual(['own', 'own']);
    replace(simulated, ping, key(1), key(2));
    ping(2 * SECOND);
    expectNothingLost(simulated, sent);
    expect(simulated.alice.events).toHaveLength(3);
  });

  test('loses none wherever handshakes fall between the steps, and however they are carried', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 3_000 }),
      renews: fc.constantFrom('alice' as const, 'bob' as const, undefined),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 9 }), fc.nat(), (steps, seed) => {
        const simulated = pair({ seed }).connect();
        simulated.network.quality = { latency: 5, jitter: 20, loss: 0, duplication: 0.1 };
        let sent = 0;
        let [from, to] = [none, key(1)];
        steps.forEach(({ wait, renews }, i) => {
          const changes = [
            () => give(simulated, 'bob', from, to),
            () => give(simulated, 'alice', to, from),
            () => give(simulated, 'bob', to, from),
          ];
          changes[i % 3]?.();
          if (i % 3 === 2) [from, to] = [to, key(i)];
          if (renews) renew(simulated, renews);
          sent += simulated.pingBothWays(50, wait);
        });
        simulated.network.quality = { latency: 5, jitter: 0, loss: 0, duplication: 0 };
        sent += simulated.pingBothWays(50, 130 * SECOND);
        simulated.network.advance(SECOND);
        // Duplicates are not delivered twice, and none is missing.
        expectNothingLost(simulated, sent);
      }),
      { numRuns: 12 },
    );
  });

  test('survives a network that loses handshakes', () => {
    const simulated = pair().connect();
    simulated.network.quality = { latency: 5, jitter: 0, loss: 0.3, duplication: 0 };
    replace(simulated, (ms) => simulated.network.advance(ms), none, key(1));
    simulated.pingBothWays(500, 200 * SECOND);
    expect(useOf(simulated)).toEqual(['own', 'own']);
  });
});

describe('renewing a session', () => {
  test('does nothing without one', () => {
    const simulated = pair();
    renew(simulated, 'alice');
    expect(simulated.alice.engine.status().peers[0]?.txBytes).toBe(0);
  });
});
