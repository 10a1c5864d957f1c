// Two data paths in threads of their own, for worker-data-path.net.ts: run in a network namespace, it prints what came of
// each of its steps as a line of JSON. The second one's host answers pings; the first one asks without a host.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NobleCrypto, newDhKeyPair } from '#crypto';
import { LinuxTun, NodeUdpSocket, systemClock, systemRandom } from '#host';
import { checksum, parsePrefix } from '#net';
import { chooseDataPathCrypto } from '../crypto/data-path-crypto.js';
import type { DataPath, DataPathListener } from '../data-path.js';
import { InlineDataPath } from '../inline-data-path.js';
import { pathTo, relayedPath, type UdpPath } from '../udp-path.js';
import { type Offload, WorkerDataPath } from '../worker-data-path.js';
import { FATAL_KEEPALIVE } from './faults.js';

const [HERE, THERE] = ['10.99.0.1', '10.99.0.2'];
const IDENTIFIER = 7;
const PEERS = 5_000;
/** One way of the kernel not to be used, no worker, or one with faults (faults.ts); all other steps without any. */
const mode = process.argv[2];
const monotonic = () => performance.now();
const say = (step: string, result: object) => console.log(JSON.stringify({ step, ...result }));

class End {
  readonly keys = newDhKeyPair(new NobleCrypto(), systemRandom);
  readonly told: string[] = [];
  echoes = 0;
  /** Of the data path, when its worker was lost. */
  features: DataPath['features'] | undefined;
  relay: (datagram: Uint8Array) => void = () => {};

  private constructor(
    readonly path: DataPath,
    readonly address: string,
    readonly close: () => Promise<unknown>,
  ) {
    const listener: DataPathListener = {
      event: ({ type }) => this.told.push(type),
      initiationSent: () => {},
      notWireguard: () => this.told.push('not-wireguard'),
      echoReply: () => {
        this.echoes++;
      },
      failed: ({ code }) => {
        this.told.push(code);
        this.features = path.features;
      },
      restored: () => this.told.push('restored'),
      relayed: (_, datagram) => this.relay(datagram),
    };
    path.listen(listener);
    path.engine.setPrivateKey(this.keys.privateKey);
    path.filter.setSelf({ addresses: [address] });
    const ports = [{ first: 0, last: 65_535 }];
    path.filter.setRules([{ id: 'all', src: [{ kind: 'any' }], dst: { kind: 'self' }, protocols: [], ports }]);
    path.captureEchoReplies(IDENTIFIER);
  }

  static async open(tunName: string, address: string): Promise<End> {
    if (mode === 'inline') return End.#openInline(tunName, address);
    const without = mode === undefined || mode === 'faults' ? [] : [mode as Offload];
    const path = await WorkerDataPath.open({ tunName, mtu: 1420, port: 0, mark: 0, without, monotonic });
    return new End(path, address, () => path.close());
  }

  static async #openInline(name: string, address: string): Promise<End> {
    const [udp, tun] = [await NodeUdpSocket.bind(0), await LinuxTun.open({ name, mtu: 1420 })];
    const crypto = chooseDataPathCrypto().crypto;
    const path = new InlineDataPath({ crypto, random: systemRandom, wallClock: systemClock, monotonic, udp, tun });
    return new End(path, address, () => Promise.all([path.close(), udp.close(), tun.close()]));
  }

  knows(other: End, path: UdpPath): void {
    this.path.filter.setPeer({ id: other.address, addresses: [other.address], labels: [] });
    const { publicKey } = other.keys;
    const allowedIps = [parsePrefix(`${other.address}/32`)];
    this.path.engine.addPeer(monotonic(), { publicKey, label: other.address, allowedIps, path });
  }
}

function echoRequest(sequence: number): Uint8Array {
  const packet = new Uint8Array(64);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, packet.length);
  packet.set([64, 1], 8);
  packet.set(HERE.split('.').map(Number), 12);
  packet.set(THERE.split('.').map(Number), 16);
  view.setUint16(10, checksum(packet.subarray(0, 20)));
  packet[20] = 8;
  view.setUint16(24, IDENTIFIER);
  view.setUint16(26, sequence);
  view.setUint16(22, checksum(packet.subarray(20)));
  return packet;
}

/** @returns how many of so many pings were answered, in time that is ample */
async function ping(end: End, count: number, meanwhile: (index: number) => void = () => {}): Promise<number> {
  const before = end.echoes;
  for (let i = 0; i < count; i++) {
    end.path.send(echoRequest(i));
    end.path.settle();
    meanwhile(i);
    await sleep(1);
  }
  for (let i = 0; i < 6_000 && end.echoes - before < count; i++) await sleep(10);
  return end.echoes - before;
}

const ip = (...words: string[]) => execFileSync('ip', words);
const one = await End.open('nfone', HERE);
const two = await End.open('nftwo', THERE);
ip('link', 'set', 'lo', 'up');
for (const device of ['nfone', 'nftwo']) ip('link', 'set', device, 'up');
ip('addr', 'add', `${THERE}/32`, 'dev', 'nftwo');
ip('route', 'add', `${HERE}/32`, 'dev', 'nftwo');
const local = (end: End) => pathTo({ address: '127.0.0.1', port: end.path.localPort });
one.knows(two, local(two));
two.knows(one, local(one));
say('ping', { answered: await ping(one, 20), features: one.path.features });

/** Does what ends the first one's thread, and waits until there is another. */
async function restored(end: () => void, meanwhile: () => void = () => {}): Promise<void> {
  one.told.length = 0;
  end();
  while (!one.told.includes('restored')) {
    meanwhile();
    await sleep(5);
  }
}

if (mode === 'faults') {
  const asked = Array.from({ length: 50 }, () => one.path.engine.peerStatus(two.keys.publicKey)?.label);
  say('asked in a row', { answered: asked.filter((label) => label === THERE).length });
  for (const port of [1, 2]) {
    await restored(() => one.path.transmit({ address: '127.0.0.1', port }, Uint8Array.of(0)));
    const { restarts } = one.path.features;
    say(`fault ${port}`, { told: one.told.slice(0, 3), answered: await ping(one, 20), restarts });
  }
  const { engine } = one.path;
  await restored(() => engine.updatePeer(monotonic(), two.keys.publicKey, { persistentKeepalive: FATAL_KEEPALIVE }));
  const [peer] = engine.configuration().peers;
  say('fault in a change', { persistentKeepalive: peer?.persistentKeepalive, answered: await ping(one, 20) });
}

if (mode !== undefined) {
  await Promise.all([one.close(), two.close()]);
  process.exit();
}
if (!(one.path instanceof WorkerDataPath && two.path instanceof WorkerDataPath)) throw new TypeError('no workers');

const others = Array.from({ length: PEERS }, (_, i) => ({
  publicKey: systemRandom.bytes(32).slice(),
  label: `other-${i}`,
  allowedIps: [parsePrefix(`10.${100 + (i >> 12)}.${(i >> 4) & 255}.${i & 15}/32`)],
}));
let failures = 0;
const answered = await ping(one, 100, (index) => {
  if (index !== 50) return;
  const tasks = others.map((peer) => () => void one.path.engine.addPeer(monotonic(), peer));
  const again = () => void one.path.engine.addPeer(monotonic(), { ...others[0], allowedIps: [] } as (typeof others)[0]);
  failures = one.path.together([...tasks, again]).filter((problem) => problem !== undefined).length;
});
say('together', { answered, failures, peers: one.path.engine.status().peers.length });

const { path } = one;
const refused = new Set<unknown>();
let persistentKeepalive = 100;
/** As somebody would who does not know that there is no thread, or one that knows nothing yet. */
function change(): void {
  try {
    path.engine.renewSession(monotonic(), two.keys.publicKey);
    path.engine.updatePeer(monotonic(), two.keys.publicKey, { persistentKeepalive: persistentKeepalive + 1 });
    persistentKeepalive++;
  } catch (error) {
    refused.add((error as { code?: string }).code ?? error);
  }
}
await restored(() => path.restart(), change);
const { peers } = one.path.engine.configuration();
say('restart', {
  refused: [...refused],
  kept: persistentKeepalive > 100 && peers.some((peer) => peer.persistentKeepalive === persistentKeepalive),
  told: one.told,
  answered: await ping(one, 20),
  peers: peers.length,
  restarts: one.path.features.restarts,
  lost: one.features,
});

for (const [from, to] of [
  [one, two],
  [two, one],
] as const) {
  from.relay = (datagram) => to.path.receiveFrom(relayedPath(from.address), datagram.slice());
  from.path.engine.removePeer(to.keys.publicKey);
  from.knows(to, relayedPath(to.address));
}
const relayedAnswers = await ping(one, 20);
say('relay', { answered: relayedAnswers, path: one.path.engine.peerStatus(two.keys.publicKey)?.path?.key });

one.path.transmit(
  { address: '127.0.0.1', port: two.path.localPort },
  Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42),
);
for (let i = 0; i < 6_000 && !two.told.includes('not-wireguard'); i++) await sleep(10);
say('foreign', { heard: two.told.includes('not-wireguard') });

two.path.restart(); // closing must not depend on a thread that is there
await Promise.all([one.path.close(), two.path.close()]);
const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
say('closed', {
  left: execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' }).includes('nfone'),
  aliases: maps.filter((line) => line.includes('netfold-arena') && Number.parseInt(line, 16) < 2 ** 31).length,
});
