import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MeshInProcess, type TestMachine, until } from './mesh-in-process.js';

const OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const CLOSED = '{"acls": []}';

describe('agents and a control plane', () => {
  let mesh: MeshInProcess;
  let a: TestMachine;
  let b: TestMachine;
  beforeAll(async () => {
    mesh = await MeshInProcess.start();
    a = await mesh.join('a');
    b = await mesh.join('b');
  });
  afterAll(() => mesh.close());

  it('see each other by name, and reach each other by every address', async () => {
    const { Self, Peer, BackendState } = await b.status();
    expect(BackendState).toBe('Running');
    expect(Self).toMatchObject({ HostName: 'b', User: 'admin@netfold.internal', AdvertisedRoutes: [], Online: true });
    expect(Object.values(Peer)).toMatchObject([{ HostName: 'a', Online: true }]);
    for (const target of ['b', Self?.DNSName ?? '', ...(Self?.IPs ?? [])]) expect(await a.ping(target)).toEqual([true]);
    const [peer] = Object.values((await a.status()).Peer);
    expect(peer).toMatchObject({ Active: true, CurAddr: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  });

  it('keep secrets to themselves', async () => {
    let files: string[] = [];
    await until(async () => {
      files = await readdir(join(a.folder, 'state'));
      return files.includes('preshared-keys.json') && !files.some((file) => file.endsWith('.tmp'));
    });
    expect(files.sort()).toEqual([
      'keys.json',
      'ledger.json',
      'membership.json',
      'netmap.bin',
      'peers.json',
      'preferences.json',
      'preshared-keys.json',
    ]);
    for (const file of files) expect((await stat(join(a.folder, 'state', file))).mode & 0o777).toBe(0o600);
    const { node } = JSON.parse(await readFile(join(a.folder, 'state', 'keys.json'), 'utf8')) as { node: string };
    expect(await a.client.text('GET /wgconf')).not.toContain(node);
    expect(await a.client.text('GET /wgconf?keys=1')).toContain(`PrivateKey = ${node}`);
    for (const route of ['GET /status', 'GET /netmap'])
      expect(JSON.stringify(await a.client.call(route))).not.toContain(node);
  });

  it('print what the engine works with, as wg does', async () => {
    const conf = await a.client.text('GET /wgconf');
    expect(conf).toMatch(
      /^# .* `wg setconf` .* --show-keys\n\[Interface\]\nListenPort = \d+\nPrivateKey = \(hidden\)\n\n# b\n\[Peer\]\nPublicKey = .{44}\n(PresharedKey = \(hidden\)\n)?AllowedIPs = 100\.64\.\S+\/32, \S+\/128\nEndpoint = 127\.0\.0\.1:\d+\nPersistentKeepalive = 25\n$/,
    );
  });

  it('lose access with a policy, and get it back', async () => {
    await mesh.admin.call('PUT /policy', { body: CLOSED });
    await until(async () => Object.keys((await a.status()).Peer).length === 0);
    await expect(a.ping('100.64.0.2')).rejects.toMatchObject({ code: 'agent.no_route' });
    await mesh.admin.call('PUT /policy', { body: OPEN });
    await until(async () => Object.keys((await a.status()).Peer).length === 1);
    expect(await a.ping('b')).toEqual([true]);
  });

  it('replace keys under a running ping, without a loss', async () => {
    const running = a.ping('b', { count: 60, interval: 5 });
    const [first, second] = [await b.client.call('POST /rotate-key', {}), await a.client.call('POST /rotate-key', {})];
    expect(await running).toEqual(Array(60).fill(true));
    expect((await b.status()).Self).toMatchObject(publicKey(first));
    expect((await a.status()).Self).toMatchObject(publicKey(second));
  });

  it('talk to each other while the control plane is away, also after a restart of both', async () => {
    await mesh.control.close();
    await until(async () => !(await a.status()).Control.Connected);
    expect(await a.ping('b', { count: 3, interval: 5 })).toEqual([true, true, true]);
    await a.stop();
    await b.stop();
    await a.start();
    await b.start();
    await until(async () => (await a.ping('b', { timeout: 500 })).includes(true));
    const { Control, Health, BackendState } = await a.status();
    expect(BackendState).toBe('Running');
    expect(Control).toMatchObject({ Connected: false, Revision: expect.any(Number) });
    expect(Health.join()).toContain('the control plane did not answer');
    await mesh.restartControl();
    await until(async () => (await a.status()).Control.Connected && (await b.status()).Control.Connected);
    expect((await a.status()).Health).toEqual([]);
  });

  it('say what they route, and reach what an admin approved', async () => {
    await b.client.call('POST /set', { advertiseRoutes: ['192.168.1.0/24'] });
    await a.client.call('POST /set', { acceptRoutes: true });
    await until(async () => (await b.status()).Self?.AdvertisedRoutes.includes('192.168.1.0/24') ?? false);
    expect((await b.status()).Self?.PrimaryRoutes).toEqual([]);
    expect(await a.client.text('GET /wgconf')).not.toContain('192.168.1.0/24');
    await mesh.admin.call('POST /nodes/b/routes/approve', { body: { prefix: '192.168.1.0/24' } });
    await until(async () => (await a.client.text('GET /wgconf')).includes('192.168.1.0/24'));
    expect(Object.values((await a.status()).Peer)).toMatchObject([{ PrimaryRoutes: ['192.168.1.0/24'] }]);
    await a.client.call('POST /set', { acceptRoutes: false });
    expect(await a.client.text('GET /wgconf')).not.toContain('192.168.1.0/24');
  });

  it('survive a damaged netmap on the disk: it is fetched anew', async () => {
    await a.stop();
    await writeFile(join(a.folder, 'state', 'netmap.bin'), 'junk');
    await a.start();
    await until(async () => (await a.status()).BackendState === 'Running');
    expect(await a.ping('b')).toEqual([true]);
    await until(async () => (await a.status()).Health.length === 0);
  });

  it('start though they cannot connect, so that the person can mend it', async () => {
    await a.stop();
    const file = join(a.folder, 'state', 'preferences.json');
    const preferences = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...preferences, userspace: false, tun: 'no/interface' }));
    await a.start();
    const { BackendState, Health } = await a.status();
    expect({ BackendState, problems: Health.length }).toEqual({ BackendState: 'Stopped', problems: 1 });
    await a.up({ userspace: true });
    expect((await a.status()).Health).toEqual([]);
    expect(await a.ping('b')).toEqual([true]);
  });

  it('refuse what makes no sense, with what to do about it', async () => {
    const refusal = (request: object) => expect(a.client.call('POST /set', request)).rejects;
    await refusal({ advertiseRoutes: ['192.168.1.7/24'] }).toMatchObject({
      code: 'agent.bad_route',
      hint: expect.stringContaining('192.168.1.0/24'),
    });
    await refusal({ advertiseRoutes: ['0.0.0.0/0'] }).toMatchObject({ code: 'agent.bad_route' });
    await refusal({ hostname: 5 }).toMatchObject({ code: 'agent.bad_request', where: 'hostname' });
    await expect(a.up({ serverUrl: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'agent.other_server' });
    await expect(a.ping('nobody')).rejects.toMatchObject({ code: 'agent.no_such_node' });
  });

  it('go down and come up again as the same node', async () => {
    const before = (await a.status()).Self;
    await a.client.call('POST /down', {});
    expect(await a.status()).toMatchObject({ BackendState: 'Stopped', Peer: {} });
    await a.stop();
    await a.start();
    expect((await a.status()).BackendState).toBe('Stopped');
    const { BackendState, Self } = await a.up({});
    expect(BackendState).toBe('Running');
    expect(Self).toMatchObject({ ID: before?.ID, IPs: before?.IPs, PublicKey: before?.PublicKey });
  });

  it('must join again after they logged out, and are known by their machine key', async () => {
    const before = (await a.status()).Self;
    await a.client.call('POST /logout', {});
    expect(await a.status()).toMatchObject({ BackendState: 'NeedsLogin', Peer: {} });
    await expect(a.up({ serverUrl: mesh.control.httpUrl })).rejects.toMatchObject({ code: 'agent.needs_login' });
    const authKey = await mesh.authKey({ user: 'admin@netfold.internal' });
    const { Self } = await a.up({ serverUrl: mesh.control.httpUrl, authKey });
    expect(Self).toMatchObject({ ID: before?.ID, IPs: before?.IPs });
    expect(Self?.PublicKey).not.toBe(before?.PublicKey);
    expect(await a.ping('b')).toEqual([true]);
  });

  it('notice that they were removed', async () => {
    await mesh.admin.call('DELETE /nodes/a');
    await until(async () => (await a.status()).Health.some((line) => line.includes('removed')));
    expect((await a.status()).Peer).toEqual({});
    const authKey = await mesh.authKey({ user: 'admin@netfold.internal' });
    await a.up({ serverUrl: mesh.control.httpUrl, authKey });
    expect(await a.ping('b')).toEqual([true]);
  });

  it('say why they may not join', async () => {
    await a.client.call('POST /logout', {});
    const up = (authKey: string) => expect(a.up({ serverUrl: mesh.control.httpUrl, authKey })).rejects;
    await up('nfk_wrong_key').toMatchObject({ code: 'auth.bad_key' });
    const once = await mesh.authKey({ user: 'admin@netfold.internal' });
    const c = await mesh.join('c', { user: 'admin@netfold.internal' });
    await c.client.call('POST /logout', {});
    await c.up({ serverUrl: mesh.control.httpUrl, authKey: once });
    await up(once).toMatchObject({ code: expect.stringMatching(/^(auth|key)/) });
  });
});

const publicKey = (rotation: unknown) => ({ PublicKey: (rotation as { publicKey: string }).publicKey });
