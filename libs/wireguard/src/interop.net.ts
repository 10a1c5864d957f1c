import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newDhKeyPair } from '#crypto';
import { toBase64 } from '#kernel';
import { parsePrefix } from '#net';
import { answerUapi, type UapiHost } from './index.js';
import { echoRequest, isEchoReply } from './testing/echo.js';
import { crypto, random, UdpEndpoint, type UdpPath, udpPath } from './testing/udp-endpoint.js';
import { WireguardGo } from './testing/wireguard-go.js';

// The engine against wireguard-go and against the `wg` tool. Needs root. Both ends have their UDP sockets on loopback.

const HERE = `nfw${process.pid}s`;
const SOCKETS = '/var/run/wireguard';
const presharedKey = random.bytes(32);
const run = promisify(execFile);

describe('against wireguard-go', () => {
  let endpoint: UdpEndpoint;
  let other: WireguardGo;

  beforeAll(async () => {
    other = await WireguardGo.start('10.77.0.2/24');
    endpoint = await UdpEndpoint.open();
    const path = udpPath('127.0.0.1', endpoint.port);
    const allowedIps = [parsePrefix('10.77.0.1/32')];
    const { publicKey } = endpoint.keys;
    other.configure([{ publicKey, presharedKey, allowedIps, path, persistentKeepalive: 25 }]);
    addThem();
  });

  afterAll(async () => {
    endpoint?.close();
    await other?.close();
  });

  function addThem(): void {
    endpoint.engine.addPeer(performance.now(), {
      publicKey: other.keys.publicKey,
      presharedKey,
      allowedIps: [parsePrefix('10.77.0.2/32')],
      path: udpPath('127.0.0.1', other.port),
    });
  }

  const ping = () => other.ping('10.77.0.1', '-c', '5', '-i', '0.05', '-w', '60');

  test('they initiate and ping us', async () => {
    expect((await ping()).length).toBeGreaterThanOrEqual(5);
    expect(endpoint.engine.status().drops).toMatchObject({ bad_handshake: 0, not_authentic: 0, not_ip: 0 });
  });

  test('we initiate and ping them', async () => {
    endpoint.engine.removePeer(other.keys.publicKey);
    addThem();
    endpoint.send(echoRequest('10.77.0.1', '10.77.0.2'));
    while (!endpoint.replies.some(isEchoReply)) await endpoint.changed();
    expect(endpoint.engine.status().peers[0]?.connected).toBe(true);
  });

  test('after a rotation of our key they reach us under the former one', async () => {
    endpoint.engine.rotatePrivateKey(performance.now(), newDhKeyPair(crypto, random).privateKey);
    expect((await ping()).length).toBeGreaterThanOrEqual(5);
  });
});

describe('the wg tool', () => {
  const publicKey = newDhKeyPair(crypto, random).publicKey;
  const socketPath = `${SOCKETS}/${HERE}.sock`;
  let endpoint: UdpEndpoint;
  let server: Server;

  const host: UapiHost<UdpPath> = {
    listenPort: () => 51820,
    setListenPort: () => {},
    firewallMark: () => 0,
    setFirewallMark: () => {},
    parseEndpoint: (text) => {
      const [address, port] = text.split(':');
      return address && port ? udpPath(address, Number(port)) : undefined;
    },
    formatEndpoint: (path) => path.key,
  };

  beforeAll(async () => {
    endpoint = new UdpEndpoint(createSocket('udp4'));
    mkdirSync(SOCKETS, { recursive: true });
    rmSync(socketPath, { force: true });
    server = createServer((connection) => {
      let text = '';
      connection.on('data', (chunk) => {
        text += chunk.toString();
        if (!text.endsWith('\n\n')) return;
        connection.end(answerUapi(performance.now(), endpoint.engine, host, text.trimEnd()));
      });
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  });

  afterAll(() => {
    endpoint.close();
    server.close();
    rmSync(socketPath, { force: true });
  });

  test('sets and shows the engine', async () => {
    const peer = toBase64(publicKey);
    const settings = ['allowed-ips', '10.1.0.0/16,fd00::/64', 'endpoint', '127.0.0.9:99', 'persistent-keepalive', '25'];
    await run('wg', ['set', HERE, 'peer', peer, ...settings]);
    const { stdout } = await run('wg', ['show', HERE, 'dump']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')),
    ).toEqual([
      [toBase64(endpoint.keys.privateKey), toBase64(endpoint.keys.publicKey), '51820', 'off'],
      [peer, '(none)', '127.0.0.9:99', '10.1.0.0/16,fd00::/64', '0', '0', expect.any(String), '25'],
    ]);
    await run('wg', ['set', HERE, 'peer', peer, 'remove']);
    expect(endpoint.engine.status().peers).toEqual([]);
  });
});
