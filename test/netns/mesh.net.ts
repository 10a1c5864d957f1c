import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Machine, Mesh, reaches, statusOf } from './lab/mesh.js';
import { Pinger } from './lab/pinger.js';
import { until } from './lab/until.js';

const ALLOW_ALL = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const ALLOW_NOTHING = '{"acls": []}';

let mesh: Mesh;
let laptop: Machine;
let router: Machine;
let addressOf: Record<'laptop' | 'router', string>;

beforeAll(async () => {
  mesh = await Mesh.open();
  const routerHost = mesh.lab.host('router', '10.9.0.3/24');
  mesh.lab.hostBehind(routerHost, 'printer', '192.168.7.10/24', '192.168.7.1/24');
  await routerHost.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  await mesh.admin(['set-acl'], ALLOW_ALL);
  [laptop, router] = await Promise.all([
    mesh.join(mesh.lab.host('laptop', '10.9.0.2/24'), ['--accept-routes']),
    mesh.join(routerHost),
  ]);
  const [a, b] = [await statusOf(laptop), await statusOf(router)];
  addressOf = { laptop: a.Self.IPs[0] as string, router: b.Self.IPs[0] as string };
});

afterAll(() => mesh?.close());

const reachable = (target: string) => until(`an answer from ${target}`, () => reaches(laptop, target));
const unreachable = (target: string) => until(`no answer from ${target}`, async () => !(await reaches(laptop, target)));

describe('a mesh of machines with real TUN devices', () => {
  test('machines that joined reach each other at stable addresses in 100.64.0.0/10', async () => {
    expect(addressOf.laptop).toMatch(/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
    await reachable(addressOf.router);
    expect((await statusOf(laptop)).DataPath.kind).toBe('worker');
  });

  test('a policy cuts a running ping, and gives it back', async () => {
    await mesh.admin(['set-acl'], ALLOW_NOTHING);
    await unreachable(addressOf.router);
    await mesh.admin(['set-acl'], ALLOW_ALL);
    await reachable(addressOf.router);
  });

  test('a key is rotated under a ping every 10 ms without a lost packet', async () => {
    const before = (await statusOf(router)).Self.PublicKey;
    const ping = Pinger.start(laptop.host, 'rotation', addressOf.router);
    await until('the ping runs', async () => ping.answers > 50);
    const rotated = await router.host.netfold(['debug', 'rotate-key']);
    expect(rotated.stderr).toBe('');
    await until(
      'the laptop knows the new key',
      async () => !Object.keys((await statusOf(laptop)).Peer).includes(before),
    );
    const answered = ping.answers;
    await until('the ping goes on', async () => ping.answers > answered + 200);
    expect(await ping.finish()).toEqual([]);
    expect((await statusOf(router)).Self.PublicKey).not.toBe(before);
  });

  test('an interface that somebody takes down and up, and rules that somebody deletes, are put right again', async () => {
    const ways = async () =>
      (
        await Promise.all([
          laptop.host.run('ip', ['-br', 'address', 'show', 'dev', 'netfold0', 'scope', 'global']),
          laptop.host.run('ip', ['route', 'show', 'table', 'all', 'dev', 'netfold0', 'proto', 'static']),
          ...['-4', '-6'].map((family) => laptop.host.run('ip', [family, 'rule'])),
        ])
      ).map(({ stdout }) => stdout);
    /** Does so while the agent cannot look: it must not be faster than this test. */
    const spoil = async (work: () => void) => {
      laptop.agent.process.kill('SIGSTOP');
      try {
        work();
        expect(await ways()).not.toEqual(before);
      } finally {
        laptop.agent.process.kill('SIGCONT');
      }
    };
    await reachable(addressOf.router);
    const before = await ways();
    await spoil(() => {
      for (const state of ['down', 'up']) laptop.host.ip('link', 'set', 'netfold0', state);
    });
    await until('addresses and routes are back', async () => isDeepStrictEqual(await ways(), before));
    await spoil(() => {
      laptop.host.ip('rule', 'flush');
      laptop.host.ip('rule', 'add', 'table', 'main', 'priority', '32766');
      laptop.host.ip('rule', 'add', 'table', 'default', 'priority', '32767');
    });
    await until('the rules are back', async () => isDeepStrictEqual(await ways(), before));
    await reachable(addressOf.router);
  });

  test('a subnet behind a router is reached once an admin has approved it', async () => {
    await router.host.netfold(['set', '--advertise-routes', '192.168.7.0/24']);
    await until('the route is advertised', async () =>
      (await statusOf(router)).Self.AdvertisedRoutes.includes('192.168.7.0/24'),
    );
    expect(await reaches(laptop, '192.168.7.10')).toBe(false);
    await mesh.admin(['route', 'approve', 'router', '192.168.7.0/24']);
    await reachable('192.168.7.10');
    await mesh.admin(['route', 'revoke', 'router', '192.168.7.0/24']);
    await unreachable('192.168.7.10');
  });

  test('an agent that was killed comes back with its address, even while the control plane is dead', async () => {
    await mesh.killControl();
    await router.agent.stop('SIGKILL');
    router.agent = mesh.startAgent(router.host);
    await reachable(addressOf.router);
    expect((await statusOf(router)).Self.IPs[0]).toBe(addressOf.router);
  });

  test('traffic flows without it; when it is back, a key that was to be rotated is, and changes arrive', async () => {
    const before = (await statusOf(router)).Self.PublicKey;
    const ping = Pinger.start(laptop.host, 'control-killed', addressOf.router);
    await until('the ping runs', async () => ping.answers > 100);
    expect((await router.host.netfold(['debug', 'rotate-key'])).code).not.toBe(0);
    expect((await statusOf(router)).Self.PublicKey).toBe(before);
    await mesh.restartControl();
    await until('the router has its new key', async () => (await statusOf(router)).Self.PublicKey !== before);
    const { PublicKey } = (await statusOf(router)).Self;
    await until('the laptop knows it', async () => Object.keys((await statusOf(laptop)).Peer).includes(PublicKey));
    for (const machine of [laptop, router])
      await until('it is connected again', async () => (await statusOf(machine)).Control.Connected);
    const answered = ping.answers;
    await until('the ping goes on', async () => ping.answers > answered + 100);
    expect(await ping.finish()).toEqual([]);
    await mesh.admin(['set-acl'], ALLOW_NOTHING);
    await unreachable(addressOf.router);
    await mesh.admin(['set-acl'], ALLOW_ALL);
    await reachable(addressOf.router);
  });

  test('an agent that stops leaves no interface behind', async () => {
    await router.agent.stop();
    expect(router.host.ip('-br', 'link')).not.toMatch(/netfold/);
    router.agent = mesh.startAgent(router.host);
    await reachable(addressOf.router);
  });

  test.each(['native', 'noble'])(
    'an agent that is told to use the %s cryptography does, and says what that costs',
    async (name) => {
      await router.agent.stop();
      router.agent = mesh.startAgent(router.host, ['--crypto', name]);
      await reachable(addressOf.router);
      const { DataPath, Fallbacks } = await statusOf(router);
      expect(DataPath).toMatchObject({ kind: 'worker', crypto: name });
      const slow = Fallbacks.filter((sentence) => sentence.includes('JavaScript alone'));
      expect(slow.length).toBe(name === 'noble' ? 1 : 0);
      const { stderr } = await router.host.netfold(['status']);
      for (const sentence of Fallbacks) expect(stderr).toContain(sentence);
    },
  );
});
