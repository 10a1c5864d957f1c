import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NobleCrypto } from '#crypto';
import { InlineDataPath } from '#dataplane';
import { StateDirectory, systemRandom } from '#host';
import { FakeNetwork } from '#host/testing';
import { NetfoldError } from '#kernel';
import { Tunnel } from '../engine/tunnel.js';
import { UserspaceHostPort } from '../engine/userspace-host-port.js';
import { KeyStore } from '../state/key-store.js';
import { formatNodeKey, OwnKey, type SendCommand } from './own-key.js';

const crypto = new NobleCrypto();

let folder: string;
let network: FakeNetwork;
/** The key that the tailnet knew each time that it was told of. */
let replaced: string[];
let tunnel: Tunnel;
let keys: KeyStore;
let ownKey: OwnKey;
/** What the control plane does with a command, in the order of the commands. */
let answers: (() => number)[];
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-own-key-'));
  network = new FakeNetwork();
  const monotonic = () => network.now;
  const udp = network.socket({ address: '192.0.2.1', port: 1000 });
  const { tun } = new UserspaceHostPort();
  const ports = { crypto, random: systemRandom, wallClock: { now: () => 0 }, monotonic, udp, tun };
  tunnel = new Tunnel(new InlineDataPath(ports), monotonic);
  keys = await KeyStore.open(await StateDirectory.open(folder), crypto, systemRandom);
  tunnel.engine.setPrivateKey(keys.node.privateKey);
  asked = [];
  answers = [];
  replaced = [];
  const send: SendCommand = async (action) => {
    if (action.kind === 'rotate-key') asked.push(formatNodeKey(action.nodeKey));
    await new Promise(setImmediate);
    return (answers.shift() ?? (() => 1))();
  };
  ownKey = new OwnKey(keys, tunnel, send, () => replaced.push(formatNodeKey(keys.node.publicKey)));
});
afterEach(async () => {
  await tunnel.path.close();
  await rm(folder, { recursive: true });
});

const fails = (code: string) => () => {
  throw new NetfoldError({ code, message: code });
};
const current = () => formatNodeKey(tunnel.engine.publicKey ?? new Uint8Array());

describe('a rotation of the own key', () => {
  it.each(['control.unreachable', 'internal'])('that ended with %s goes on with the same key later', async (code) => {
    const before = formatNodeKey(keys.node.publicKey);
    answers = [fails(code), fails(code), () => 7];
    await expect(ownKey.rotate()).rejects.toMatchObject({ code });
    await expect(ownKey.resume()).rejects.toMatchObject({ code });
    expect(formatNodeKey(keys.node.publicKey)).toBe(before);
    await ownKey.resume();
    expect(new Set(asked).size).toBe(1);
    expect([formatNodeKey(keys.node.publicKey), current()]).toEqual([asked[0], asked[0]]);
    expect(keys.next).toBeUndefined();
  });

  it('that was refused is over, and the former key is in force', async () => {
    const before = formatNodeKey(keys.node.publicKey);
    answers = [fails('node.key_taken')];
    await expect(ownKey.rotate()).rejects.toMatchObject({ code: 'node.key_taken' });
    expect([formatNodeKey(keys.node.publicKey), current(), keys.next]).toEqual([before, before, undefined]);
    await ownKey.resume();
    expect(asked.length).toBe(1);
  });

  it('is one, however many ask for it at once', async () => {
    const [one, other] = await Promise.all([ownKey.rotate(), ownKey.rotate(), ownKey.resume()]);
    expect(one).toEqual(other);
    expect(asked).toEqual([one.publicKey]);
  });

  it('has nothing to go on with when there is none', async () => {
    await ownKey.resume();
    expect(asked).toEqual([]);
  });

  it('that falls due is made once, however often the control plane says so', async () => {
    expect(await ownKey.rotateInTime()).toBeDefined();
    expect(await ownKey.rotateInTime()).toBeUndefined();
    expect(asked.length).toBe(1);
    network.advance(3_600_000);
    expect(await ownKey.rotateInTime()).toBeDefined();
    expect(asked.length).toBe(2);
  });

  it('is told of when the tailnet knows this node by the new key', async () => {
    await ownKey.rotate();
    expect(replaced).toEqual([asked[0]]);
  });
});
