import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NativeCrypto } from '#crypto/native';
import { COOKIE_REPLY, INITIATION, messageKind, RESPONSE } from './messages.js';
import { type PairOptions, type SimulatedNode, SimulatedPair } from './testing.js';

const crypto = new NativeCrypto();
const SECOND = 1000;
const pair = (options: PairOptions = {}) => new SimulatedPair({ crypto, ...options });

/** Every datagram that is sent from now on, with its direction. */
function wiretap({ network }: SimulatedPair): { from: string; datagram: Uint8Array }[] {
  const heard: { from: string; datagram: Uint8Array }[] = [];
  network.tap = (from, _to, datagram) => {
    heard.push({ from, datagram: Uint8Array.from(datagram) });
    return true;
  };
  return heard;
}

const drops = (node: SimulatedNode) => node.engine.status().drops;

/** Everything about a node that a datagram without a right to it must not change. */
function stateOf(node: SimulatedNode): unknown {
  const { peers } = node.engine.status();
  const timers = node.engine.nextTimer();
  return structuredClone({ peers, timers, events: node.eventTypes(), indices: node.engine.device.indices.size });
}

describe('what is said again', () => {
  test('is not delivered twice', () => {
    const simulated = pair().connect();
    const heard = wiretap(simulated);
    simulated.aliceSends();
    simulated.network.advance(100);
    for (const { datagram } of heard.splice(0)) simulated.network.send('alice', 'bob', datagram);
    simulated.network.advance(100);
    expect(simulated.bob.delivered).toHaveLength(2);
    expect(drops(simulated.bob).replayed).toBe(1);
  });

  test('from a mirror does not make the peer roam', () => {
    const simulated = pair().connect();
    const heard = wiretap(simulated);
    simulated.aliceSends();
    simulated.network.advance(100);
    for (const { datagram } of heard.splice(0)) simulated.network.send('mirror', 'bob', datagram);
    simulated.network.advance(100);
    expect(simulated.bob.engine.status().peers[0]?.path).toEqual({ key: 'alice' });
  });

  test('as an initiation is not answered, then or after later ones', () => {
    const simulated = pair();
    const heard = wiretap(simulated);
    simulated.connect();
    const initiation = heard[0]?.datagram as Uint8Array;
    expect(messageKind(initiation)).toBe('initiation');
    const before = stateOf(simulated.bob);
    heard.length = 0;
    simulated.network.send('mirror', 'bob', initiation);
    simulated.network.advance(10);
    expect(drops(simulated.bob).replayed_handshake).toBe(1);
    expect(heard.map(({ from }) => from)).toEqual(['mirror']);
    expect(stateOf(simulated.bob)).toEqual(before);
  });
});

describe('under load', () => {
  const loaded = () => pair({ engine: { handshakesPerSecond: 0 } });

  test('a handshake takes a cookie and one more round, and then succeeds', () => {
    const simulated = loaded();
    const heard = wiretap(simulated);
    simulated.aliceSends();
    simulated.network.advance(SECOND);
    expect(heard.map(({ datagram }) => messageKind(datagram))).toEqual(['initiation', 'cookie_reply']);
    expect(simulated.bob.delivered).toHaveLength(0);
    simulated.network.advance(12 * SECOND);
    expect(simulated.bob.delivered).toHaveLength(1);
    expect(drops(simulated.bob).bad_mac2).toBe(1);
  });

  test('a cookie is worth nothing at another address', () => {
    const simulated = loaded();
    simulated.aliceSends();
    simulated.network.advance(SECOND);
    simulated.alice.moveTo('elsewhere');
    simulated.network.advance(5 * SECOND);
    expect(simulated.bob.delivered).toHaveLength(0);
    expect(drops(simulated.bob).bad_mac2).toBe(2);
  });

  test('no cookie is given for a message whose mac1 is wrong', () => {
    const simulated = loaded();
    const heard = wiretap(simulated);
    const junk = new Uint8Array(INITIATION.length);
    junk[0] = INITIATION.type;
    simulated.network.send('mallory', 'bob', junk);
    simulated.network.advance(100);
    expect(heard).toHaveLength(1);
    expect(drops(simulated.bob).bad_mac1).toBe(1);
  });
});

describe('whatever arrives', () => {
  const path = { key: 'mallory' };

  /** Datagrams of every kind that were really sent, to be mutated. */
  function specimens(simulated: SimulatedPair): Uint8Array[] {
    const heard = wiretap(simulated);
    simulated.aliceSends();
    simulated.network.advance(6 * SECOND);
    simulated.bobSends();
    simulated.network.advance(SECOND);
    return heard.map(({ datagram }) => datagram);
  }

  interface Mutation {
    which: number;
    flips: { at: number; bit: number }[];
    cut: number | null;
  }
  const mutation: fc.Arbitrary<Mutation> = fc.record({
    which: fc.nat(),
    flips: fc.array(fc.record({ at: fc.nat(), bit: fc.nat(7) }), { minLength: 1, maxLength: 3 }),
    cut: fc.option(fc.nat(200)),
  });

  function mutate(samples: readonly Uint8Array[], { which, flips, cut }: Mutation) {
    const copy = Uint8Array.from(samples[which % samples.length] as Uint8Array);
    for (const { at, bit } of flips) {
      const index = at % copy.length;
      copy[index] = (copy[index] as number) ^ (1 << bit);
    }
    return cut === null ? copy : copy.subarray(0, cut);
  }

  test('a datagram that was changed in any bit changes nothing and throws nothing', () => {
    const simulated = pair();
    const samples = specimens(simulated);
    const before = [simulated.alice, simulated.bob].map(stateOf);
    fc.assert(
      fc.property(mutation, (change) => {
        const datagram = mutate(samples, change);
        fc.pre(!samples.some((sample) => Buffer.compare(sample, datagram) === 0));
        for (const node of [simulated.alice, simulated.bob]) {
          node.engine.receive(simulated.network.now, path, Uint8Array.from(datagram));
        }
        expect([simulated.alice, simulated.bob].map(stateOf)).toEqual(before);
      }),
      { numRuns: 500 },
    );
    expect(simulated.bob.delivered).toHaveLength(1);
  });

  test('random datagrams that look like messages change nothing, under load or not', () => {
    const kind = fc.constantFrom(
      { type: INITIATION.type, length: INITIATION.length },
      { type: RESPONSE.type, length: RESPONSE.length },
      { type: COOKIE_REPLY.type, length: COOKIE_REPLY.length },
      { type: 4, length: 32 },
      { type: 4, length: 100 },
    );
    const datagram = fc.tuple(kind, fc.infiniteStream(fc.nat(255))).map(([{ type, length }, bytes]) => {
      const body = Uint8Array.from(bytes.take(length - 4));
      return Uint8Array.of(type, 0, 0, 0, ...body);
    });
    for (const handshakesPerSecond of [0, 1000]) {
      const { bob } = pair({ engine: { handshakesPerSecond } }).connect();
      const before = stateOf(bob);
      fc.assert(
        fc.property(datagram, (bytes) => {
          bob.engine.receive(100, path, bytes);
          expect(stateOf(bob)).toEqual(before);
        }),
        { numRuns: 200 },
      );
    }
  });

  test('random bytes are passed on or dropped', () => {
    const { bob } = pair();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        bob.foreign.length = 0;
        bob.engine.receive(0, path, Uint8Array.from(bytes));
        expect(bob.foreign).toEqual(messageKind(bytes) ? [] : [bytes]);
      }),
    );
  });

  test('no packet from inside makes it throw', () => {
    const { alice, network } = pair().connect();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(['sent', 'no_peer']).toContain(alice.engine.send(network.now, bytes));
      }),
    );
    expect(alice.engine.send(network.now, new Uint8Array(70_000))).toBe('too_long');
  });

  test('a flood of handshakes from one peer leaves a bounded number of sessions', () => {
    const simulated = pair();
    for (let i = 0; i < 50; i++) {
      simulated.alice.engine.removePeer(simulated.bob.keys.publicKey);
      simulated.alice.knows(simulated.bob, ['10.0.0.2/32']);
      simulated.aliceSends();
      simulated.network.advance(30);
    }
    expect(simulated.bob.delivered).toHaveLength(50);
    expect(simulated.bob.engine.device.indices.size).toBeLessThanOrEqual(5);
  });
});

describe('a bad network', () => {
  test('delivers nothing twice and nothing that was not sent, and recovers', () => {
    const quality = fc.record({
      latency: fc.integer({ min: 0, max: 300 }),
      jitter: fc.integer({ min: 0, max: 400 }),
      loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
      duplication: fc.double({ min: 0, max: 0.5, noNaN: true }),
    });
    fc.assert(
      fc.property(quality, fc.nat(), (bad, seed) => {
        const simulated = pair({ seed });
        const { network, alice, bob } = simulated;
        const good = network.quality;
        network.quality = bad;
        const sent: Uint8Array[] = [];
        simulated.repeatedly(250, 150 * SECOND, () => {
          sent.push(simulated.aliceSends());
          simulated.bobSends();
        });
        network.quality = good;
        network.advance(10 * SECOND);
        const last = [simulated.aliceSends(), simulated.bobSends()];
        network.advance(10 * SECOND);
        const texts = bob.delivered.map(({ packet }) => packet.join());
        const sentTexts = new Set([...sent, last[0] as Uint8Array].map((packet) => packet.join()));
        expect(new Set(texts).size).toBe(texts.length);
        expect(texts.filter((text) => !sentTexts.has(text))).toEqual([]);
        expect([bob, alice].map((node) => node.delivered.at(-1)?.packet)).toEqual(last);
      }),
      { numRuns: 5 },
    );
  });
});
