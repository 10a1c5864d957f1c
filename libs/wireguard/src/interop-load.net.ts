import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parsePrefix } from '#net';
import { REKEY_TIMEOUT } from './constants.js';
import { HandshakeRelay } from './testing/handshake-relay.js';
import { floodWithInitiations } from './testing/initiation-flood.js';
import { udpPath } from './testing/udp-endpoint.js';
import { WireguardGo } from './testing/wireguard-go.js';
import { WorkerHost } from './testing/worker-host.js';

// Cookies, against wireguard-go, with one side under load: a flood of handshakes comes from elsewhere. Needs root.

let go: WireguardGo;
let host: WorkerHost;
let relay: HandshakeRelay;
let over: boolean;
let flood: Promise<number> | undefined;

beforeEach(async () => {
  over = false;
  go = await WireguardGo.start('10.77.0.2/24');
  host = new WorkerHost('10.77.0.1');
});

afterEach(async () => {
  over = true;
  await flood;
  relay.close();
  host.node.close();
  await go.close();
});

const us = () => ({ publicKey: host.node.keys.publicKey, allowedIps: [parsePrefix('10.77.0.1/32')] });

test('they are under load: we get a cookie, and are let in with it', async () => {
  relay = await HandshakeRelay.open(go.port);
  go.configure([us()]);
  flood = floodWithInitiations(go.port, go.keys.publicKey, () => over);
  const came = (kind: string) => relay.count(`< ${kind}`);
  // They tell load by what waits in their queue: until they do, they answer as ever, and we begin anew.
  while (came('cookie_reply') === 0) {
    host.forgets(go.keys.publicKey);
    host.knows(go.keys.publicKey, '10.77.0.2', udpPath('127.0.0.1', relay.port));
    const before = relay.passed.length;
    host.ping('10.77.0.2');
    let turns = 0; // what is too much for their queue is lost
    await host.until(() => relay.passed.slice(before).some((one) => one.startsWith('<')) || ++turns > 500);
  }
  const [sessions, answers] = [host.sessions, host.replies.length];
  let turns = 0;
  await host.until(() => {
    if (turns++ % 500 === 0) host.node.now += REKEY_TIMEOUT + 500;
    return host.sessions > sessions;
  });
  over = true;
  expect(await flood).toBeGreaterThan(200);
  const { passed } = relay;
  expect(passed.lastIndexOf('< response')).toBeGreaterThan(passed.indexOf('> initiation+'));
  expect(passed).toContain('> initiation+');
  turns = 0; // a request that they still had no time for is lost
  await host.until(() => {
    if (turns++ % 500 === 0) host.ping('10.77.0.2');
    return host.replies.length > answers;
  });
});

test('we are under load: they get a cookie, and are let in with it', async () => {
  relay = await HandshakeRelay.open(host.node.sockets.port);
  go.configure([{ ...us(), path: udpPath('127.0.0.1', relay.port) }]);
  host.knows(go.keys.publicKey, '10.77.0.2');
  // Our clock stands still: once under load, always under load.
  flood = floodWithInitiations(host.node.sockets.port, host.node.keys.publicKey, () => over);
  await host.until(() => (host.drops.bad_mac2 ?? 0) > 0);
  over = true;
  await flood;
  // What is still in the buffer of the socket would take the place of theirs.
  let [before, quiet] = [0, 0];
  await host.until(() => {
    const { bad_mac2: refused = 0 } = host.drops;
    quiet = refused === before ? quiet + 1 : 0;
    before = refused;
    return quiet > 50;
  });
  let answered: number[] | undefined;
  void go.ping('10.77.0.1', '-c', '1', '-W', '120').then((numbers) => {
    answered = numbers;
  });
  await host.until(() => answered !== undefined);
  expect(answered).toEqual([1]);
  expect(relay.passed).toContain('< cookie_reply');
  expect(relay.passed.filter((one) => one === '< response').length).toBe(1);
  expect(relay.passed.slice(-2)).toEqual(['> initiation+', '< response']);
});

test('while a stranger goes on flooding us, they get in', async () => {
  relay = await HandshakeRelay.open(host.node.sockets.port);
  go.configure([{ ...us(), path: udpPath('127.0.0.1', relay.port) }]);
  host.knows(go.keys.publicKey, '10.77.0.2');
  const start = performance.now() - host.node.now;
  Object.defineProperty(host.node, 'now', { get: () => performance.now() - start });
  flood = floodWithInitiations(host.node.sockets.port, host.node.keys.publicKey, () => over);
  await host.until(() => host.node.worker.guard.patience(host.node.now) < Number.POSITIVE_INFINITY);
  let answered: number[] | undefined;
  void go.ping('10.77.0.1', '-c', '3', '-w', '120').then((numbers) => {
    answered = numbers;
  });
  await host.until(() => answered !== undefined);
  expect(answered?.length).toBeGreaterThanOrEqual(3);
  expect(relay.passed.at(-1)).toBe('< response');
});
