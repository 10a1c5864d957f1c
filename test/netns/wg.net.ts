import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Machine, Mesh, reaches, statusOf } from './lab/mesh.js';
import { until } from './lab/until.js';
import { Wg } from './lab/wg.js';

const ALLOW_ALL = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const ALLOW_NOTHING = '{"acls": []}';

let mesh: Mesh;
let laptop: Machine;
let router: Machine;
let wg: Wg;
/** A machine that is no member of the tailnet, and speaks WireGuard as everybody does. */
let field: Wg;
let routerAddress: string;
let routerKey: string;
let fieldKey: string;

beforeAll(async () => {
  mesh = await Mesh.open();
  await mesh.admin(['set-acl'], ALLOW_ALL);
  [laptop, router] = await Promise.all([
    mesh.join(mesh.lab.host('laptop', '10.9.0.2/24')),
    mesh.join(mesh.lab.host('router', '10.9.0.3/24')),
  ]);
  wg = new Wg(laptop.host, 'netfold0');
  field = await Wg.go(mesh.lab.host('field', '10.9.0.9/24'), 'wg0', '10.50.0.2/24');
  routerAddress = (await statusOf(router)).Self.IPs[0] as string;
  routerKey = await new Wg(router.host, 'netfold0').publicKey();
  fieldKey = await field.publicKey();
  await field.set('listen-port', '7000', 'peer', await wg.publicKey(), 'allowed-ips', '100.64.0.0/10');
  field.host.ip('route', 'add', '100.64.0.0/10', 'dev', 'wg0');
});

afterAll(() => mesh?.close());

const reachable = (target: string) => until(`an answer from ${target}`, () => reaches(laptop, target));
const meet = () => wg.set('peer', fieldKey, 'allowed-ips', '10.50.0.0/24', 'endpoint', '10.9.0.9:7000');
const bindTo = (port: number) => `require('node:dgram').createSocket('udp4').bind(${port})`;
const failure = async (...words: string[]) => (await wg.wg('set', 'netfold0', ...words)).stderr.trim();

describe('wg, on the interface of an agent that runs', () => {
  test('shows its key, its port, its peers and what went to and fro', async () => {
    await reachable(routerAddress);
    const dump = await wg.done('show', 'all', 'dump');
    expect(dump).toMatch(/^netfold0\t\S{44}\t\S{44}\t\d+\t0x6e66\nnetfold0\t/);
    const peer = (await wg.peers()).get(routerKey);
    expect(peer).toMatchObject({ endpoint: expect.stringMatching(/^10\.9\.0\.3:\d+$/) });
    expect(peer?.allowedIps).toContain(`${routerAddress}/32`);
    for (const count of [peer?.handshakeAt, peer?.received, peer?.sent]) expect(count).toBeGreaterThan(0);
    expect((await statusOf(laptop)).Uapi).toEqual({ Socket: '/var/run/wireguard/netfold0.sock', PeersByHand: 0 });
  });

  test('adds a peer that no netmap knows: it is reached, stays through netmaps, and goes when it is removed', async () => {
    await meet();
    await reachable('10.50.0.2');
    await mesh.admin(['set-acl'], ALLOW_NOTHING);
    await until('the netmap is another one', async () => !(await reaches(laptop, routerAddress)));
    await reachable('10.50.0.2');
    await mesh.admin(['set-acl'], ALLOW_ALL);
    await reachable(routerAddress);
    expect((await statusOf(laptop)).Uapi?.PeersByHand).toBe(1);
    await wg.set('peer', fieldKey, 'remove');
    expect([...(await wg.peers()).keys()]).toEqual([routerKey]);
    expect(await reaches(laptop, '10.50.0.2')).toBe(false);
  });

  test('sets a pre-shared key and a keepalive of a peer of the netmap, which a removal takes back', async () => {
    const presharedKey = (await wg.done('genpsk')).trim();
    const there = new Wg(router.host, 'netfold0');
    const here = await wg.publicKey();
    const settings = ['preshared-key', wg.file('psk', presharedKey), 'persistent-keepalive', '7'];
    await wg.set('peer', routerKey, ...settings);
    await there.set('peer', here, 'preshared-key', there.file('psk', presharedKey));
    await mesh.admin(['set-acl'], ALLOW_NOTHING);
    await mesh.admin(['set-acl'], ALLOW_ALL);
    // Only a handshake mixes it in: this ends the sessions.
    await laptop.host.netfold(['down']);
    expect(existsSync(join(laptop.host.sockets, 'netfold0.sock'))).toBe(false);
    await laptop.host.netfold(['up']);
    expect(await reaches(laptop, routerAddress)).toBe(false);
    await wg.set('peer', routerKey, ...settings);
    await reachable(routerAddress);
    expect((await wg.peers()).get(routerKey)).toMatchObject({ presharedKey, keepalive: '7' });
    await wg.set('peer', routerKey, 'remove');
    await there.set('peer', here, 'remove');
    expect((await wg.peers()).get(routerKey)?.presharedKey).not.toBe(presharedKey);
    await reachable(routerAddress);
  });

  test('moves it to another port, and peers follow', async () => {
    await reachable(routerAddress);
    const before = await wg.listenPort();
    await wg.set('listen-port', '7777');
    await reachable(routerAddress);
    const at = async () => (await new Wg(router.host, 'netfold0').peers()).get(await wg.publicKey())?.endpoint;
    expect(await at()).toBe('10.9.0.2:7777');
    const running = laptop.host.start('listener', process.execPath, ['-e', bindTo(before)]);
    await until('the port is taken', async () =>
      (await laptop.host.run('ss', ['-lun'])).stdout.includes(`:${before} `),
    );
    expect(await failure('listen-port', `${before}`)).toBe('Unable to modify interface: Address already in use');
    await running.stop();
    expect(await wg.listenPort()).toBe(7777);
    await wg.set('fwmark', '0x10');
    expect((await wg.done('show', 'netfold0', 'fwmark')).trim()).toBe('0x10');
    await wg.set('fwmark', '0');
    expect((await wg.done('show', 'netfold0', 'fwmark')).trim()).toBe('0x6e66');
    await reachable(routerAddress);
  });

  test('may not replace its key, nor give away what the netmap gave', async () => {
    const other = wg.file('other', (await wg.done('genkey')).trim());
    const before = await wg.publicKey();
    const refused = 'Unable to modify interface: Operation not permitted';
    expect(await failure('private-key', other)).toBe(refused);
    expect(await failure('peer', fieldKey, 'allowed-ips', `${routerAddress}/32`)).toBe(refused);
    expect(await wg.publicKey()).toBe(before);
    expect(laptop.agent.output()).toContain('netfold debug rotate-key');
    await reachable(routerAddress);
  });

  test('reads back what it wrote: setconf, syncconf and addconf', async () => {
    await meet();
    const saved = wg.file('saved.conf', await wg.done('showconf', 'netfold0'));
    const peers = async () =>
      [...(await wg.peers()).values()].map(({ allowedIps, endpoint }) => ({ allowedIps, endpoint }));
    const before = (await peers()).toSorted((a, b) => a.endpoint.localeCompare(b.endpoint));
    for (const command of ['syncconf', 'setconf', 'addconf']) {
      await wg.done(command, 'netfold0', saved);
      expect((await peers()).toSorted((a, b) => a.endpoint.localeCompare(b.endpoint))).toEqual(before);
      await reachable('10.50.0.2');
      await reachable(routerAddress);
    }
    // A file without a word of the netmap's peers takes nothing from them.
    const empty = wg.file('empty.conf', '[Interface]');
    await wg.done('syncconf', 'netfold0', empty);
    expect([...(await wg.peers()).keys()]).toEqual([routerKey]);
    await reachable(routerAddress);
  });

  test('reads what `netfold debug wgconf` prints, on any other interface', async () => {
    await meet();
    const presharedKey = (await wg.done('genpsk')).trim();
    await wg.set('peer', fieldKey, 'preshared-key', wg.file('psk', presharedKey), 'persistent-keepalive', '9');
    const spare = await Wg.go(mesh.lab.host('spare', '10.9.0.8/24'), 'wg0', '10.51.0.1/24');
    await wg.set('fwmark', '0x1234');
    const printed = await laptop.host.netfold(['debug', 'wgconf', '--show-keys']);
    expect(printed.stdout).toMatch(/^\[Interface\]\nListenPort = \d+\nFwMark = 0x1234\nPrivateKey/);
    await wg.set('fwmark', '0');
    await spare.done('setconf', 'wg0', spare.file('conf', printed.stdout));
    const [theirs, ours] = [await spare.peers(), await wg.peers()];
    expect(await spare.publicKey()).toBe(await wg.publicKey());
    expect(await spare.listenPort()).toBe(await wg.listenPort());
    expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
    for (const [key, { endpoint, allowedIps, presharedKey, keepalive }] of ours)
      expect(theirs.get(key)).toMatchObject({ endpoint, allowedIps, presharedKey, keepalive });
    expect(ours.get(fieldKey)).toMatchObject({ presharedKey, keepalive: '9' });
    const open = (await laptop.host.netfold(['debug', 'wgconf'])).stdout;
    expect(open).toMatch(/^# .*--show-keys$/m);
    expect(open).toMatch(/^FwMark = 0x[1-9a-f][0-9a-f]*$/m);
    expect(open).toMatch(/^PrivateKey = \(hidden\)$/m);
    expect(open).toMatch(/^PresharedKey = \(hidden\)$/m);
    expect(open).not.toContain(presharedKey);
    await wg.set('peer', fieldKey, 'remove');
    await spare.running?.stop(); // two machines with one key take each other's place
  });

  test('is answered after whatever nonsense', async () => {
    const say = (request: string) => {
      const connection = connect(join(laptop.host.sockets, 'netfold0.sock'));
      connection.end(request);
      return text(connection).catch(() => 'hung up');
    };
    expect(await say('set=1\npublic_key=zz\n\n')).toBe('errno=-22\n\n');
    expect(await say('hello\n\n')).toBe('errno=-71\n\n');
    expect(await say('\n\n\n\n')).toBe('errno=-71\n\n'.repeat(2));
    expect(await say(`set=1\n${'x'.repeat(6 << 20)}`)).not.toContain('errno=0');
    expect((await wg.peers()).has(routerKey)).toBe(true);
  });

  test('finds the interface again after the agent was killed, and nothing after it has stopped', async () => {
    const socket = join(laptop.host.sockets, 'netfold0.sock');
    await laptop.agent.stop('SIGKILL');
    expect(existsSync(socket)).toBe(true);
    laptop.agent = mesh.startAgent(laptop.host);
    await reachable(routerAddress);
    expect((await wg.peers()).has(routerKey)).toBe(true);
    await laptop.agent.stop();
    expect(existsSync(socket)).toBe(false);
    expect(laptop.host.ip('-br', 'link')).not.toMatch(/netfold/);
    expect((await wg.wg('show', 'netfold0')).code).not.toBe(0);
  });
});
