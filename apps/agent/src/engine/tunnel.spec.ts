import { afterEach, describe, expect, it, test } from '@jest/globals';
import { type Crypto, type KeyPair, NobleCrypto, newDhKeyPair } from '#crypto';
import { type DataPath, type DataPathListener, InlineDataPath } from '#dataplane';
import { systemRandom } from '#host';
import { FakeNetwork } from '#host/testing';
import { toBase64 } from '#kernel';
import { parseAddress } from '#net';
import { type EngineState, emptyEngineState } from '#plan';
import { EngineRuntime } from './engine-runtime.js';
import { Pinger } from './pinger.js';
import { Tunnel } from './tunnel.js';
import { UserspaceHostPort } from './userspace-host-port.js';

const crypto: Crypto = new NobleCrypto();
const ANYBODY = {
  id: 'r1',
  src: [{ kind: 'any' }],
  dst: { kind: 'self' },
  protocols: [],
  ports: [{ first: 0, last: 65535 }],
} as const;

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) void machine.tunnel.path.close();
});

/** A host that others change too, which counts how often it is asked for what it is to be. */
class DisturbedHost extends UserspaceHostPort {
  disturb: () => void = () => {};
  asked = 0;

  watch(changed: () => void): void {
    this.disturb = changed;
  }

  override async configure(...words: Parameters<UserspaceHostPort['configure']>): Promise<void> {
    this.asked++;
    await super.configure(...words);
  }
}

/** An agent's data plane on a network in memory. */
class Machine {
  keys: KeyPair = newDhKeyPair(crypto, systemRandom);
  readonly host = new DisturbedHost();
  readonly tunnel: Tunnel;
  readonly engine: EngineRuntime;
  readonly pinger: Pinger;

  constructor(
    readonly network: FakeNetwork,
    readonly id: string,
    readonly address: string,
    readonly endpoint: { address: string; port: number },
  ) {
    const ports = { crypto, random: systemRandom, wallClock: { now: () => Date.now() }, monotonic: () => network.now };
    const path = new InlineDataPath({ ...ports, udp: network.socket(endpoint), tun: this.host.tun });
    this.tunnel = new Tunnel(path, ports.monotonic);
    this.tunnel.engine.setPrivateKey(this.keys.privateKey);
    this.engine = new EngineRuntime(this.tunnel, this.host);
    this.pinger = new Pinger(this.tunnel, systemRandom);
    machines.push(this);
  }

  /** The state in which it knows these peers and lets everybody in whom the rules name. */
  knowing(peers: readonly Machine[], rules: readonly (typeof ANYBODY)[] = [ANYBODY]): EngineState {
    return {
      ...emptyEngineState,
      addresses: [this.address],
      self: { addresses: [this.address] },
      peers: new Map(
        peers.map(({ id, keys, address }) => [
          id,
          { id, nodeKey: toBase64(keys.publicKey), allowedIps: [`${address}/32`] },
        ]),
      ),
      senders: new Map(peers.map(({ id, address }) => [id, { id, addresses: [address], labels: [] }])),
      rules: new Map(rules.map((rule) => [rule.id, rule])),
    };
  }

  learns(peer: Machine, ...endpoints: string[]): void {
    this.tunnel.learn({ nodeId: peer.id, online: true, endpoints, lastSeen: 0 });
  }

  /** The round trip to another machine; undefined when none came back by the time all datagrams had. */
  async ping(to: Machine): Promise<number | undefined> {
    const outcome = this.pinger.ping(parseAddress(this.address), parseAddress(to.address), 60_000);
    for (let i = 0; i < 20; i++) {
      await new Promise(setImmediate); // what a host sends leaves it in its own turn
      this.network.advance(1);
    }
    this.pinger.close();
    return (await outcome).rtt;
  }
}

function pair() {
  const network = new FakeNetwork();
  const a = new Machine(network, 'node_a', '100.64.0.1', { address: '192.0.2.1', port: 1000 });
  const b = new Machine(network, 'node_b', '100.64.0.2', { address: '192.0.2.2', port: 2000 });
  a.learns(b, '203.0.113.9:2000', '192.0.2.2:2000');
  expect(a.engine.apply(a.knowing([b]))).toBeUndefined();
  expect(b.engine.apply(b.knowing([a]))).toBeUndefined();
  return { network, a, b };
}

describe('two agents', () => {
  it('reach each other on whichever of the announced ways works', async () => {
    const { a, b } = pair();
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
    expect(a.tunnel.pathOf('node_b')?.key).toBe('192.0.2.2:2000');
    expect(a.tunnel.isConnected('node_b')).toBe(true);
    // The other one was never told where its peer is: it has heard it.
    expect(await b.ping(a)).toBeGreaterThanOrEqual(0);
  });

  it('stop hearing each other with the operation that says so, and hear again', async () => {
    const { a, b } = pair();
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
    b.engine.apply(b.knowing([a], []));
    expect(await a.ping(b)).toBeUndefined();
    // Answers to what it asks itself are no access.
    expect(await b.ping(a)).toBeGreaterThanOrEqual(0);
    b.engine.apply(b.knowing([a]));
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
  });

  it('put right what somebody else changes of their hosts, from when they know what is right until they end', async () => {
    const { a, b } = pair();
    await a.engine.settled();
    const { asked } = a.host;
    a.host.disturb();
    await a.engine.settled();
    expect(a.host.asked).toBe(asked + 1);
    await a.engine.close();
    a.host.disturb();
    await a.engine.settled();
    expect(a.host.asked).toBe(asked + 1);
    const fresh = new Machine(b.network, 'node_c', '100.64.0.3', { address: '192.0.2.3', port: 3000 });
    fresh.host.disturb();
    await fresh.engine.settled();
    expect(fresh.host.asked).toBe(0);
  });

  it('are not disturbed by a peer that has taken a key that one of them has given up', async () => {
    const { network, a, b } = pair();
    const thief = new Machine(network, 'node_thief', '100.64.0.3', { address: '192.0.2.3', port: 3000 });
    thief.keys = a.keys;
    a.keys = newDhKeyPair(crypto, systemRandom);
    a.tunnel.engine.rotatePrivateKey(a.tunnel.now, a.keys.privateKey);
    expect(b.engine.apply(b.knowing([a]))).toBeUndefined();
    expect(a.engine.apply(a.knowing([thief, b]))).toBeUndefined();
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
    const other = newDhKeyPair(crypto, systemRandom);
    [thief.keys, a.keys] = [a.keys, other];
    a.tunnel.engine.rotatePrivateKey(a.tunnel.now, other.privateKey);
    expect(b.engine.apply(b.knowing([a]))).toBeUndefined();
    expect(a.engine.apply(a.knowing([thief, b]))).toBeUndefined();
    expect(await b.ping(a)).toBeGreaterThanOrEqual(0);
  });

  it('lose no ping while a key is replaced', async () => {
    const { a, b } = pair();
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
    a.keys = newDhKeyPair(crypto, systemRandom);
    a.tunnel.engine.rotatePrivateKey(a.tunnel.now, a.keys.privateKey);
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
    expect(b.engine.apply(b.knowing([a]))).toBeUndefined();
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const)
      expect(await from.ping(to)).toBeGreaterThanOrEqual(0);
  });

  it('are strangers after one removed the other', async () => {
    const { a, b } = pair();
    expect(await a.ping(b)).toBeGreaterThanOrEqual(0);
    b.engine.apply(b.knowing([]));
    expect(await a.ping(b)).toBeUndefined();
    expect(b.tunnel.engine.status().peers).toEqual([]);
  });
});

describe('an operation that fails', () => {
  it('leaves the others be, is told about, and is tried again', () => {
    const { a, b } = pair();
    const bad = { ...ANYBODY, ports: [{ first: 9, last: 1 }] } as unknown as typeof ANYBODY;
    const stranger = new Machine(a.network, 'node_c', '100.64.0.3', { address: '192.0.2.3', port: 1 });
    expect(a.engine.apply(a.knowing([b, stranger], [bad]))?.code).toBe('filter.bad_ports');
    expect(a.tunnel.engine.status().peers.map(({ label }) => label)).toEqual(['node_b', 'node_c']);
    expect(a.engine.state.rules.size).toBe(0);
    expect(a.engine.apply(a.knowing([b, stranger]))).toBeUndefined();
    expect(a.engine.state.rules.get('r1')).toEqual(ANYBODY);
  });
});

test('a data path that starts again is a problem until it has, and after it while a part is not as it was', () => {
  let told: DataPathListener | undefined;
  const path = { listen: (listener: DataPathListener) => (told = listener) } as unknown as DataPath;
  const tunnel = new Tunnel(path, () => 0);
  told?.failed({ code: 'dataplane.lost', message: 'its thread ended' });
  expect(tunnel.problem?.code).toBe('dataplane.lost');
  told?.restored?.([{ code: 'wireguard.own_key', message: 'that is a key of its own' }]);
  expect(tunnel.problem).toMatchObject({
    code: 'wireguard.own_key',
    message: expect.stringMatching(/not with all .*a key of its own/),
  });
  told?.restored?.([]);
  expect(tunnel.problem).toBeUndefined();
});
