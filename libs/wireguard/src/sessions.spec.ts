import { describe, expect, test } from '@jest/globals';
import { newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { REJECT_AFTER_MESSAGES, REKEY_AFTER_MESSAGES, REKEY_JITTER, REKEY_TIMEOUT } from './constants.js';
import { messageKind } from './messages.js';
import type { PendingHandshake } from './noise/initiator.js';
import type { Keypair } from './session/keypair.js';
import { type PairOptions, type SimulatedNode, SimulatedPair } from './testing.js';

const crypto = new NativeCrypto();
const pair = (options: PairOptions = {}) => new SimulatedPair({ crypto, ...options });
const SECOND = 1000;

/** Notes when each kind of message is sent by whom, as `alice initiation`. */
function record(simulated: SimulatedPair): { at: number; what: string }[] {
  const log: { at: number; what: string }[] = [];
  simulated.network.tap = (from, _to, datagram) => {
    const kind = datagram.length === 32 ? 'keepalive' : messageKind(datagram);
    log.push({ at: Math.round(simulated.network.now / SECOND), what: `${from} ${kind}` });
    return true;
  };
  return log;
}

const times = (log: { at: number; what: string }[], what: string) =>
  log.filter((entry) => entry.what === what).map((entry) => entry.at);

/** The session that a node sends on to its only peer, which no public method shows. */
function currentSession(node: SimulatedNode): Keypair {
  const [peer] = node.engine.device.peers();
  const current = peer?.sessions.current;
  if (!current) throw new Error('no session');
  return current;
}

describe('a session', () => {
  test('is renewed by its initiator every two minutes while it sends, and no packet is lost', () => {
    const simulated = pair();
    const log = record(simulated);
    let sent = 0;
    simulated.repeatedly(500, 400 * SECOND, () => {
      simulated.aliceSends();
      sent++;
    });
    expect(simulated.bob.delivered).toHaveLength(sent);
    expect(times(log, 'alice initiation')).toEqual([0, 121, 241, 362]);
    expect(times(log, 'bob initiation')).toEqual([]);
  });

  test('is renewed in its last minute when its initiator only receives', () => {
    const simulated = pair().connect();
    const log = record(simulated);
    simulated.network.advance(160 * SECOND);
    simulated.repeatedly(SECOND, 60 * SECOND, () => simulated.bobSends());
    expect(times(log, 'alice initiation')).toEqual([165]);
    expect(simulated.alice.delivered).toHaveLength(60);
  });

  test('that is idle is not renewed, and is forgotten with its keys after three minutes', () => {
    const simulated = pair().connect();
    const log = record(simulated);
    const { keys } = currentSession(simulated.alice);
    simulated.network.advance(179 * SECOND);
    expect(simulated.alice.engine.status().peers[0]?.connected).toBe(true);
    simulated.network.advance(2 * SECOND);
    for (const node of [simulated.alice, simulated.bob]) {
      expect(node.eventTypes()).toEqual(['handshake_completed', 'session_expired']);
      expect(node.engine.status().peers[0]?.connected).toBe(false);
      expect(node.engine.nextTimer()).toBeUndefined();
      expect(node.engine.device.indices.size).toBe(0);
    }
    expect(keys.sendKey).toEqual(new Uint8Array(32));
    expect(keys.receiveKey).toEqual(new Uint8Array(32));
    expect(log).toEqual([{ at: 10, what: 'bob keepalive' }]);
  });

  test('is refused after three minutes even if it could not be renewed', () => {
    const simulated = pair().connect();
    simulated.network.tap = (_from, _to, datagram) => messageKind(datagram) === 'transport';
    simulated.repeatedly(SECOND, 200 * SECOND, () => simulated.aliceSends());
    // The first was sent to connect, and those of the seconds 0.1 to 179.1 followed.
    expect(simulated.bob.delivered).toHaveLength(1 + 180);
  });

  test('is renewed after as many messages as it may carry, and sends no more than that', () => {
    const simulated = pair().connect();
    const log = record(simulated);
    simulated.network.advance(6 * SECOND);
    currentSession(simulated.alice).sendCounter = REKEY_AFTER_MESSAGES;
    simulated.aliceSends();
    expect(log).toEqual([
      { at: 6, what: 'alice transport' },
      { at: 6, what: 'alice initiation' },
    ]);
    currentSession(simulated.alice).sendCounter = REJECT_AFTER_MESSAGES - 1;
    simulated.aliceSends();
    expect(log).toHaveLength(3);
    simulated.aliceSends();
    expect(log).toHaveLength(3);
    simulated.network.advance(100);
    expect(simulated.bob.delivered).toHaveLength(4);
  });

  test('that both sides renew at the same instant loses nothing of what is under way', () => {
    const simulated = pair().connect();
    const { network, alice, bob } = simulated;
    network.quality = { ...network.quality, latency: 50 };
    network.advance(6 * SECOND);
    const log = record(simulated);
    let sent = 0;
    simulated.repeatedly(5, SECOND, () => {
      if (sent === 20) for (const node of [alice, bob]) currentSession(node).sendCounter = REKEY_AFTER_MESSAGES;
      simulated.aliceSends();
      simulated.bobSends();
      sent++;
    });
    network.advance(SECOND);
    expect(times(log, 'alice initiation')).toEqual(times(log, 'bob initiation'));
    expect(times(log, 'alice response')).toHaveLength(1);
    expect(alice.delivered).toHaveLength(sent);
    expect(bob.delivered).toHaveLength(sent + 1);
  });

  test('counters from the last on are refused', () => {
    const simulated = pair().connect();
    currentSession(simulated.alice).sendCounter = REJECT_AFTER_MESSAGES - 1;
    simulated.aliceSends();
    simulated.network.advance(100);
    expect(simulated.bob.delivered).toHaveLength(2);
    simulated.bob.engine.receive(
      simulated.network.now,
      { key: 'alice' },
      Uint8Array.of(4, 0, 0, 0, ...indexOf(simulated.bob), ...new Uint8Array(8).fill(255), ...new Uint8Array(16)),
    );
    expect(simulated.bob.engine.status().drops.replayed).toBe(1);
  });
});

function indexOf(node: SimulatedNode): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, currentSession(node).keys.localIndex, true);
  return bytes;
}

describe('keepalives', () => {
  test('tell a peer that sends without being answered that it is heard', () => {
    const simulated = pair().connect();
    const log = record(simulated);
    simulated.network.advance(60 * SECOND);
    expect(log).toEqual([{ at: 10, what: 'bob keepalive' }]);
  });

  test('go on for as long as data comes in', () => {
    const simulated = pair().connect();
    const log = record(simulated);
    simulated.repeatedly(SECOND, 35 * SECOND, () => simulated.aliceSends());
    simulated.network.advance(60 * SECOND);
    expect(times(log, 'bob keepalive')).toEqual([10, 20, 30, 40, 50]);
  });

  test('persistent ones begin at once and keep their period', () => {
    const simulated = pair({ peer: { persistentKeepalive: 25 } });
    const log = record(simulated);
    simulated.network.advance(80 * SECOND);
    const sent = [...times(log, 'alice keepalive'), ...times(log, 'bob keepalive')];
    expect(sent.filter((at) => at > 0).sort((a, b) => a - b)).toEqual([25, 25, 50, 50, 75, 75]);
    simulated.alice.engine.updatePeer(simulated.network.now, simulated.bob.keys.publicKey, { persistentKeepalive: 0 });
    log.length = 0;
    simulated.network.advance(40 * SECOND);
    expect(times(log, 'alice keepalive')).toEqual([]);
  });
});

describe('handshakes', () => {
  test('are tried every five seconds for ninety, then given up until there is something to send', () => {
    const simulated = pair();
    simulated.network.detach('bob');
    const log = record(simulated);
    simulated.aliceSends();
    simulated.network.advance(300 * SECOND);
    const tries = times(log, 'alice initiation');
    expect(tries.length).toBeGreaterThanOrEqual(17);
    expect(tries.length).toBeLessThanOrEqual(18);
    expect(tries.at(-1)).toBeLessThan(90);
    expect(simulated.alice.eventTypes()).toEqual(['handshake_failed']);
    expect(simulated.alice.engine.status().drops.handshake_failed).toBe(1);
    expect(simulated.alice.engine.device.indices.size).toBe(0);
    simulated.aliceSends();
    expect(times(log, 'alice initiation')).toHaveLength(tries.length + 1);
  });

  test('are tried again after five seconds and up to a third of one more, each under keys of its own that are then zeroed', () => {
    const simulated = pair();
    const { network, alice } = simulated;
    network.detach('bob');
    const sentAt: number[] = [];
    const tried = new Set<PendingHandshake>();
    network.tap = () => sentAt.push(network.now) > 0;
    simulated.aliceSends();
    simulated.repeatedly(SECOND, 100 * SECOND, () => {
      for (const { pending } of alice.engine.device.peers()) if (pending) tried.add(pending);
    });
    const waits = sentAt.slice(1).map((at, i) => at - (sentAt[i] as number));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(REKEY_TIMEOUT);
    expect(Math.max(...waits)).toBeLessThanOrEqual(REKEY_TIMEOUT + REKEY_JITTER);
    expect(new Set(waits).size).toBeGreaterThan(10);
    expect(tried.size).toBe(sentAt.length);
    for (const { ephemeral } of tried) expect(ephemeral.privateKey).toEqual(new Uint8Array(32));
  });

  test('begin when a peer that was sent data has been silent for fifteen seconds', () => {
    const simulated = pair().connect();
    simulated.network.advance(20 * SECOND);
    simulated.network.detach('bob');
    const log = record(simulated);
    simulated.aliceSends();
    simulated.network.advance(18 * SECOND);
    expect(times(log, 'alice initiation')).toEqual([35]);
  });

  test('are not begun more often than every five seconds, however much is sent', () => {
    const simulated = pair();
    simulated.network.detach('bob');
    const log = record(simulated);
    simulated.repeatedly(10, 4 * SECOND, () => simulated.aliceSends());
    expect(times(log, 'alice initiation')).toEqual([0]);
  });

  test('of many peers at once do not run ahead of the clock', () => {
    const { network, alice } = pair();
    for (let i = 1; i < 200; i++) {
      const publicKey = newDhKeyPair(crypto, seededRandom(i + 1000)).publicKey;
      const path = { key: `peer ${i}` };
      alice.engine.addPeer(0, { publicKey, allowedIps: [], path, persistentKeepalive: 25 });
    }
    network.advance(SECOND);
    const ahead = [...alice.engine.device.peers()].at(-1)?.timestamps.next();
    const seconds = new DataView((ahead as Uint8Array).buffer).getUint32(4);
    expect(seconds).toBe(1_800_000_000 + 10 + 1);
  });

  test('keep the newest packets that wait for them, up to a bound', () => {
    const simulated = pair();
    const sent = Array.from({ length: 200 }, () => simulated.aliceSends());
    simulated.network.advance(100);
    expect(simulated.bob.delivered.map(({ packet }) => packet)).toEqual(sent.slice(-128));
    expect(simulated.alice.engine.status().drops.queue_full).toBe(72);
  });
});
