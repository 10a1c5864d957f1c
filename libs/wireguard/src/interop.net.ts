import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newDhKeyPair } from '#crypto';
import { toBase64 } from '#kernel';
import { parsePrefix } from '#net';
import { answerUapi, formatWgConf, type UapiHost } from './index.js';
import { crypto, echoRequest, random, UdpEndpoint, type UdpPath, udpPath } from './testing/udp-endpoint.js';

// The engine against wireguard-go and against the `wg` tool. Needs root. Both ends have their UDP sockets on loopback;
// wireguard-go's interface lives in a network namespace. All names carry the process id, so two runs do not meet.

const NAMESPACE = `nftest-${process.pid}-wg`;
const THERE = `nfw${process.pid}p`;
const HERE = `nfw${process.pid}s`;
const SOCKETS = '/var/run/wireguard';
const presharedKey = random.bytes(32);
const ip = (...args: string[]) => execFileSync('ip', args);
const run = promisify(execFile);

async function until(condition: () => boolean, changed: () => Promise<unknown>): Promise<void> {
  while (!condition()) await changed();
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('against wireguard-go', () => {
  const theirs = newDhKeyPair(crypto, random);
  let endpoint: UdpEndpoint;
  let other: ChildProcess;
  let theirPort: number;

  beforeAll(async () => {
    ip('netns', 'add', NAMESPACE);
    other = spawn('wireguard-go', ['-f', THERE], { stdio: 'ignore' });
    await until(() => existsSync(`${SOCKETS}/${THERE}.sock`), pause);
    ip('link', 'set', THERE, 'netns', NAMESPACE); // its socket stays where it was opened

    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    endpoint = new UdpEndpoint(socket);
    configureThem(socket.address().port);
    theirPort = Number(execFileSync('wg', ['show', THERE, 'listen-port'], { encoding: 'utf8' }));
    addThem();
    ip('-n', NAMESPACE, 'addr', 'add', '10.77.0.2/24', 'dev', THERE);
    ip('-n', NAMESPACE, 'link', 'set', THERE, 'up');
  });

  afterAll(() => {
    endpoint?.close();
    other?.kill();
    ip('netns', 'del', NAMESPACE);
  });

  function addThem(): void {
    endpoint.engine.addPeer(performance.now(), {
      publicKey: theirs.publicKey,
      presharedKey,
      allowedIps: [parsePrefix('10.77.0.2/32')],
      path: udpPath('127.0.0.1', theirPort),
    });
  }

  /** What our own engine would say in their place is read by `wg setconf`. */
  function configureThem(ourPort: number): void {
    const conf = formatWgConf(
      {
        privateKey: theirs.privateKey,
        peers: [
          {
            publicKey: endpoint.keys.publicKey,
            presharedKey,
            allowedIps: [parsePrefix('10.77.0.1/32')],
            path: udpPath('127.0.0.1', ourPort),
            persistentKeepalive: 25,
          },
        ],
      },
      { listenPort: 0, formatEndpoint: (path) => path.key },
    );
    const directory = mkdtempSync(join(tmpdir(), 'netfold-'));
    writeFileSync(join(directory, 'wg.conf'), conf, { mode: 0o600 });
    execFileSync('wg', ['setconf', THERE, join(directory, 'wg.conf')]);
    rmSync(directory, { recursive: true });
  }

  const ping = () => run('ip', ['netns', 'exec', NAMESPACE, 'ping', '-c', '5', '-i', '0.05', '-W', '8', '10.77.0.1']);

  test('they initiate and ping us', async () => {
    const { stdout } = await ping();
    expect(stdout).toContain('5 received');
    expect(endpoint.engine.status().drops).toMatchObject({ bad_handshake: 0, not_authentic: 0, not_ip: 0 });
  });

  test('we initiate and ping them', async () => {
    endpoint.engine.removePeer(theirs.publicKey);
    addThem();
    endpoint.send(echoRequest());
    await until(
      () => endpoint.replies.length > 0,
      () => endpoint.changed(),
    );
    expect(endpoint.replies[0]?.subarray(20, 22)).toEqual(Uint8Array.of(0, 0));
    expect(endpoint.engine.status().peers[0]?.connected).toBe(true);
  });

  test('after a rotation of our key they reach us under the former one', async () => {
    endpoint.engine.rotatePrivateKey(performance.now(), newDhKeyPair(crypto, random).privateKey);
    expect((await ping()).stdout).toContain('5 received');
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
    const settings = ['allowed-ips', '10.1.0.0/16,fd00::/64', 'endpoint', '192.0.2.9:99', 'persistent-keepalive', '25'];
    await run('wg', ['set', HERE, 'peer', peer, ...settings]);
    const { stdout } = await run('wg', ['show', HERE, 'dump']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')),
    ).toEqual([
      [toBase64(endpoint.keys.privateKey), toBase64(endpoint.keys.publicKey), '51820', 'off'],
      [peer, '(none)', '192.0.2.9:99', '10.1.0.0/16,fd00::/64', '0', '0', expect.any(String), '25'],
    ]);
    await run('wg', ['set', HERE, 'peer', peer, 'remove']);
    expect(endpoint.engine.status().peers).toEqual([]);
  });
});
