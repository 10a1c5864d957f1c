import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parsePrefix } from '#net';
import { echoRequest, isEchoReply } from './testing/echo.js';
import { UdpEndpoint, udpPath } from './testing/udp-endpoint.js';
import { WireguardGo } from './testing/wireguard-go.js';
import { WorkerHost } from './testing/worker-host.js';

// Five hundred peers: of wireguard-go, and of our data path with wireguard-go among them. Needs root.

const PEERS = 500;
const outerOf = (i: number): string => `127.9.${1 + (i >> 7)}.${1 + (i & 127)}`;
const addressOf = (i: number): string => `10.77.${1 + (i >> 7)}.${1 + (i & 127)}`;

let go: WireguardGo;
let host: WorkerHost;
let ends: UdpEndpoint[];

beforeAll(async () => {
  go = await WireguardGo.start('10.77.0.2/16');
  host = new WorkerHost('10.77.0.1');
  ends = await Promise.all(Array.from({ length: PEERS }, (_, i) => UdpEndpoint.open(outerOf(i))));
});

afterAll(async () => {
  for (const end of ends) end.close();
  host.node.close();
  await go.close();
});

/** Every end knows this one and nobody else. */
function meet(publicKey: Uint8Array, address: string, port: number): void {
  for (const { engine } of ends) {
    for (const peer of engine.status().peers) engine.removePeer(peer.publicKey);
    engine.addPeer(0, { publicKey, allowedIps: [parsePrefix(`${address}/32`)], path: udpPath('127.0.0.1', port) });
  }
}

const hasReply = ({ replies }: UdpEndpoint): boolean => replies.some(isEchoReply);
const replied = () => ends.filter(hasReply).length;

/** Milliseconds. */
const AGAIN = 2_000;

/** Every other end asks wireguard-go until it is answered: what is too much at once for a buffer of theirs is lost. */
async function ask(first: 0 | 1): Promise<void> {
  const asking = [...ends.entries()].filter(([i]) => i % 2 === first);
  let next = 0;
  await host.until(() => {
    const waiting = asking.filter(([, end]) => !hasReply(end));
    if (performance.now() >= next) {
      for (const [i, end] of waiting) end.send(echoRequest(addressOf(i), '10.77.0.2'));
      next = performance.now() + AGAIN;
    }
    return waiting.length === 0;
  });
}

test('wireguard-go has five hundred of them: half begin by themselves, half are begun with', async () => {
  meet(go.keys.publicKey, '10.77.0.2', go.port);
  go.configure(
    ends.map(({ keys, path }, i) => ({
      publicKey: keys.publicKey,
      allowedIps: [parsePrefix(`${addressOf(i)}/32`)],
      path,
    })),
  );
  const asked = ask(0);
  const begun = Array.from({ length: PEERS / 2 }, (_, i) => `echo > /dev/udp/${addressOf(2 * i + 1)}/9`);
  await go.exec('bash', '-c', begun.join('; '));
  const connected = () => ends.filter(({ engine }) => engine.status().peers[0]?.connected).length;
  await asked;
  await host.until(() => connected() === PEERS);
  // Those that were begun with have had their packet; now they ask.
  await ask(1);
  expect(ends.every(({ replies }) => replies.length > 0)).toBe(true);
});

test('we have five hundred, and wireguard-go is one of them', async () => {
  const others = ends.slice(1);
  for (const end of ends) end.replies.length = 0;
  meet(host.node.keys.publicKey, '10.77.0.1', host.node.sockets.port);
  go.configure([
    {
      publicKey: host.node.keys.publicKey,
      allowedIps: [parsePrefix('10.77.0.1/32')],
      path: udpPath('127.0.0.1', host.node.sockets.port),
    },
  ]);
  host.knows(go.keys.publicKey, '10.77.0.2');
  for (const [i, { keys, path }] of ends.entries())
    if (i > 0) host.knows(keys.publicKey, addressOf(i), i % 2 === 0 ? undefined : path);
  for (const [i, end] of ends.entries()) {
    if (i > 0 && i % 2 === 0) end.send(echoRequest(addressOf(i), '10.77.0.1'));
    else if (i > 0) host.ping(addressOf(i));
  }
  const pinged = go.ping('10.77.0.1', '-c', '3', '-i', '0.02', '-w', '120');
  const even = others.filter((_, i) => i % 2 === 1).length;
  const behind = performance.now() - host.node.now;
  await host.until(() => {
    host.node.now = performance.now() - behind; // what is lost is sent again in time
    return host.replies.length === others.length - even && replied() === even && host.requests >= even + 3;
  });
  host.work();
  expect((await pinged).length).toBeGreaterThanOrEqual(3);
  expect(new Set(host.replies).size).toBe(others.length - even);
  const { peers } = host.node.calls.status();
  expect(peers.filter(({ connected }) => connected).length).toBe(PEERS);
});
