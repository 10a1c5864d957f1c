import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { Dice, fuzz, fuzzSeeds, heapInUse, Mutator } from '#sim';
import { LABEL_MAC1 } from './constants.js';
import { CookieJar } from './cookie/cookie-jar.js';
import { COOKIE_REPLY, INITIATION, messageKind, RESPONSE, TRANSPORT } from './messages.js';
import { echoPacket, type PairOptions, type SimulatedNode, SimulatedPair } from './testing.js';
import { sealTransport } from './transport/transport-message.js';

const crypto = new NativeCrypto();
const SECOND = 1000;
const MALLORY = { key: 'mallory' };
const pair = (options: PairOptions = {}) => new SimulatedPair({ crypto, ...options });

/** What a node says from now on; nothing of it arrives anywhere. */
function silence({ network }: SimulatedPair): Uint8Array[] {
  const said: Uint8Array[] = [];
  network.tap = (_from, _to, datagram) => {
    said.push(datagram);
    return false;
  };
  return said;
}

/** Messages of every kind that were really sent, by two who are connected and idle afterwards. */
function specimensOf(simulated: SimulatedPair): Uint8Array[] {
  const { network, alice, bob } = simulated;
  const heard: Uint8Array[] = [];
  network.tap = (_from, _to, datagram) => {
    heard.push(Uint8Array.from(datagram));
    return true;
  };
  simulated.connect();
  simulated.pingBothWays(100, SECOND);
  bob.send(echoPacket('10.0.0.2', '10.0.0.1', 7));
  network.advance(30 * SECOND);
  const initiation = heard.find((datagram) => messageKind(datagram) === 'initiation') as Uint8Array;
  const checker = bob.engine.device.identities.current?.checker;
  const cookie = checker?.reply(network.now, initiation, INITIATION, 1, 'alice') as Uint8Array;
  expect(new Set([...heard, cookie].map(messageKind)).size).toBe(4);
  expect(alice.engine.status().peers[0]?.connected).toBe(true);
  return [...heard, cookie];
}

/** Everything about a node that a datagram without a right to it must not change. */
const stateOf = ({ engine, events, delivered, foreign }: SimulatedNode): string =>
  JSON.stringify([
    engine.status().peers,
    engine.nextTimer(),
    events.length,
    delivered.length,
    foreign.length,
    engine.device.indices.size,
  ]);

const dropsOf = ({ engine }: SimulatedNode): number =>
  Object.values(engine.status().drops).reduce((sum, count) => sum + count, 0);

/** The session still carries packets, without another handshake. */
function expectAlive(simulated: SimulatedPair): void {
  const { network, alice, bob } = simulated;
  const kinds: unknown[] = [];
  network.tap = (_from, _to, datagram) => kinds.push(messageKind(datagram)) > 0;
  const sent = [simulated.aliceSends(), simulated.bobSends()];
  network.advance(50);
  expect([bob, alice].map(({ delivered }) => delivered.at(-1)?.packet)).toEqual(sent);
  expect(kinds).toEqual(['transport', 'transport']);
}

/** Gives an initiation or a response the first MAC that anybody can make who knows the receiver's public key. */
function stampFor({ keys }: SimulatedNode): (message: Uint8Array) => void {
  const key = crypto.blake2s(LABEL_MAC1, keys.publicKey);
  return (message) => {
    const fields = message.length === INITIATION.length ? INITIATION : RESPONSE;
    message[0] = fields.type;
    message.fill(0, 1, 4);
    message.set(crypto.mac(key, message.subarray(0, fields.mac1)), fields.mac1);
  };
}

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);

  test('200,000 mutated messages are met with silence and change nothing', () => {
    const simulated = pair({ seed });
    const specimens = specimensOf(simulated);
    const mutator = new Mutator(dice, 1600);
    const known = new Set(specimens.map((bytes) => Buffer.from(bytes).toString('latin1')));
    const said = silence(simulated);
    const nodes = [simulated.alice, simulated.bob];
    for (const node of nodes) node.notWireguard = () => {};
    const before = nodes.map(stateOf);
    const counted = dropsOf(simulated.bob);
    let messages = 0;
    fuzz(dice, 200_000, () => {
      const datagram = mutator.mutate(specimens);
      if (known.has(Buffer.from(datagram).toString('latin1'))) return;
      if (messageKind(datagram)) messages++;
      for (const { engine } of nodes) engine.receive(simulated.network.now, MALLORY, Uint8Array.from(datagram));
      if (said.length > 0) throw new Error(`${Buffer.from(datagram).toString('hex')} was answered`);
      if (dice.chance(0.01)) expect(nodes.map(stateOf)).toEqual(before);
    });
    expect(nodes.map(stateOf)).toEqual(before);
    expect(messages).toBeGreaterThan(50_000);
    expect(dropsOf(simulated.bob) - counted).toBe(messages); // each is accounted for
    expectAlive(simulated);
  });

  test('200,000 datagrams of any bytes, as messages of every kind, are met with silence', () => {
    const simulated = pair({ seed });
    simulated.connect();
    const mutator = new Mutator(dice, 1600);
    const said = silence(simulated);
    const { bob, network } = simulated;
    const lengths = [0, 1, 3, 4, 16, 31, 32, COOKIE_REPLY.length, RESPONSE.length, INITIATION.length, 1500];
    const before = stateOf(bob);
    bob.notWireguard = () => {};
    fuzz(dice, 200_000, () => {
      const bytes = mutator.bytes(dice.pick(lengths)).slice();
      if (dice.chance(0.8)) bytes.set([dice.below(6), 0, 0, 0].slice(0, bytes.length));
      bob.engine.receive(network.now, MALLORY, bytes);
    });
    expect(said).toEqual([]);
    expect(stateOf(bob)).toEqual(before);
    expectAlive(simulated);
  });

  test('10,000 handshakes whose first MAC is right and nothing else get no answer, and nobody learns who is a peer', () => {
    const simulated = pair({ seed, engine: { handshakesPerSecond: 1e9 } });
    const specimens = specimensOf(simulated).filter(({ length }) => length === 148 || length === 92);
    const { bob, network } = simulated;
    const stamp = stampFor(bob);
    const mutator = new Mutator(dice, INITIATION.length);
    const said = silence(simulated);
    const before = stateOf(bob);
    fuzz(dice, 10_000, () => {
      const bytes = mutator.mutate(specimens);
      const message = new Uint8Array(dice.chance(0.7) ? INITIATION.length : RESPONSE.length);
      message.set(bytes.subarray(0, message.length));
      message[4 + dice.below(108)] = dice.below(256);
      stamp(message);
      bob.engine.receive(network.now, MALLORY, message);
    });
    expect(said.length).toBe(0);
    expect(stateOf(bob)).toEqual(before);
    expect(bob.engine.status().drops.bad_mac1).toBe(0);
    expectAlive(simulated);
  });

  test('under load the same get a cookie each, smaller than they are, and cost no key agreement', () => {
    const simulated = pair({ seed, engine: { handshakesPerSecond: 0 } });
    const { alice, bob, network } = simulated;
    simulated.aliceSends();
    network.advance(30 * SECOND); // a cookie and another attempt
    expect(bob.delivered.length).toBe(1);
    const stamp = stampFor(bob);
    const mutator = new Mutator(dice, INITIATION.length);
    const said = silence(simulated);
    const before = stateOf(bob);
    const agree = bob.crypto.dh;
    bob.crypto.dh = () => {
      throw new Error('a key agreement');
    };
    let asked = 0;
    fuzz(dice, 5_000, () => {
      const message = mutator.bytes(dice.chance(0.7) ? INITIATION.length : RESPONSE.length).slice();
      stamp(message);
      bob.engine.receive(network.now, MALLORY, message);
      asked++;
    });
    bob.crypto.dh = agree;
    expect(said.length).toBeLessThanOrEqual(asked);
    expect(said.every((reply) => messageKind(reply) === 'cookie_reply')).toBe(true);
    expect(stateOf(bob)).toEqual(before);
    for (const reply of said.slice(0, 500)) alice.engine.receive(network.now, { key: 'bob' }, reply);
    network.advance(SECOND);
    expectAlive(simulated);
  });

  test('100,000 packets of any bytes from a peer: what is delivered is its own, whole, and nothing else', () => {
    const simulated = pair({ seed });
    simulated.connect();
    const { alice, bob, network } = simulated;
    const mutator = new Mutator(dice, 400);
    const specimens = [echoPacket('10.0.0.1', '10.0.0.2', 1), echoPacket('10.0.0.9', '10.0.0.2', 2), sixFromAlice()];
    const keypair = [...alice.engine.device.peers()][0]?.sessions.current;
    if (!keypair) throw new Error('no session');
    const message = new Uint8Array(512);
    let delivered = 0;
    bob.deliver = (_peer, packet) => {
      delivered++;
      const four = (packet[0] as number) >> 4 === 4;
      const source = four ? packet.subarray(12, 16) : packet.subarray(8, 24);
      const own = four ? [10, 0, 0, 1] : [0xfd, ...new Array(14).fill(0), 1];
      const length = ((packet[four ? 2 : 4] as number) << 8) + (packet[four ? 3 : 5] as number) + (four ? 0 : 40);
      if (source.join() !== own.join() || packet.length !== length) throw new Error(packet.join());
    };
    fuzz(dice, 100_000, () => {
      const packet = mutator.mutate(specimens);
      message.set(packet, TRANSPORT.header);
      const length = sealTransport(keypair, message, 0, packet.length);
      bob.engine.receive(network.now, { key: 'alice' }, message.slice(0, length));
    });
    expect(delivered).toBeGreaterThan(5_000);
    const { not_ip, source_not_allowed, not_authentic } = bob.engine.status().drops;
    expect([not_ip > 1_000, source_not_allowed > 1_000, not_authentic]).toEqual([true, true, 0]);
  });

  test('whoever owns the network can delay, but neither forge, repeat nor break for good', () => {
    const simulated = pair({ seed });
    const { network, alice, bob } = simulated;
    const mutator = new Mutator(dice, 1600);
    const heard: { from: string; to: string; datagram: Uint8Array }[] = [];
    network.tap = (from, to, datagram) => {
      heard.push({ from, to, datagram: Uint8Array.from(datagram) });
      if (heard.length > 500) heard.splice(dice.below(400), 100);
      return !dice.chance(0.2);
    };
    const sent = new Set<string>();
    const inject = () => {
      for (let i = dice.below(6); i > 0 && heard.length > 0; i--) {
        const { from, to, datagram } = dice.pick(heard);
        const bytes = dice.chance(0.3) ? datagram : mutator.mutate(heard.map((one) => one.datagram));
        const node = (dice.chance(0.9) ? to : from) === 'alice' ? alice : bob;
        node.engine.receive(network.now, dice.chance(0.5) ? { key: from } : MALLORY, Uint8Array.from(bytes));
      }
    };
    simulated.repeatedly(250, 1_800 * SECOND, () => {
      for (const packet of [simulated.aliceSends(), simulated.bobSends()]) sent.add(packet.join());
      inject();
    });
    network.tap = () => true;
    network.advance(20 * SECOND);
    const last = [simulated.aliceSends(), simulated.bobSends()];
    network.advance(20 * SECOND);
    for (const packet of last) sent.add(packet.join());
    const arrived = [...alice.delivered, ...bob.delivered].map(({ packet }) => packet.join());
    expect(arrived.filter((packet) => !sent.has(packet))).toEqual([]);
    expect(new Set(arrived).size).toBe(arrived.length);
    expect(arrived.length).toBeGreaterThan(6_000);
    expect([bob, alice].map(({ delivered }) => delivered.at(-1)?.packet)).toEqual(last);
    expect(alice.engine.device.indices.size).toBeLessThanOrEqual(6);
  });
});

test('forged sources, each with its own cookie, take a bounded memory', () => {
  const simulated = pair({ engine: { handshakesPerSecond: 0 } });
  const { bob, network } = simulated;
  const replies: Uint8Array[] = [];
  network.tap = (_from, _to, datagram) => replies.push(datagram) < 0;
  const jar = new CookieJar(crypto, bob.keys.publicKey);
  const dice = new Dice(9);
  const send = (source: string) => {
    const message = dice.bytes(INITIATION.length);
    message.set([INITIATION.type, 0, 0, 0]);
    jar.stamp(network.now, message, INITIATION);
    bob.engine.receive(network.now, { key: source }, message);
  };
  const from = (sources: number, offset: number) => {
    for (let i = 0; i < sources; i++) {
      replies.length = 0;
      send(`${offset + i}`);
      const reply = replies[0];
      if (reply) jar.accept(network.now, reply);
      send(`${offset + i}`);
    }
  };
  from(17_000, 0);
  const before = heapInUse();
  from(10_000, 20_000);
  expect(heapInUse() - before).toBeLessThan(2);
  expect(bob.engine.status().drops.rate_limited).toBeGreaterThan(0);
});

/** An IPv6 packet without a next header. */
function sixFromAlice(): Uint8Array {
  const packet = new Uint8Array(48);
  packet.set([0x60, 0, 0, 0, 0, 8, 59, 64, 0xfd]);
  packet[23] = 1;
  packet.set([0xfd], 24);
  packet[39] = 2;
  return packet;
}
