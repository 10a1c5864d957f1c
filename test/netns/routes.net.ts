import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Machine, reaches, statusOf } from './lab/mesh.js';
import { RoutedWorld } from './lab/routed-world.js';
import { until } from './lab/until.js';
import { askWho, keepAsking } from './lab/who.js';

const { LAN, PRINTER, WEB, DIRECTLY, THROUGH_EXIT } = RoutedWorld;

const POLICY = {
  tagOwners: { 'tag:client': [], 'tag:guest': [], 'tag:gate': [], 'tag:exit': [] },
  acls: [
    { action: 'accept', src: ['tag:client'], dst: [...LAN, '10.0.0.0/8'].map((prefix) => `${prefix}:*`) },
    { action: 'accept', src: ['tag:client'], dst: ['autogroup:internet:*'] },
    { action: 'accept', src: ['tag:client', 'tag:guest'], dst: ['tag:gate:22'] },
  ],
  autoApprovers: {
    routes: Object.fromEntries([...LAN, '10.0.0.0/8'].map((prefix) => [prefix, ['tag:gate']])),
    exitNode: ['tag:exit'],
  },
};

let world: RoutedWorld;
let client: Machine;
let gateA: Machine;
let gateB: Machine;

beforeAll(async () => {
  world = await RoutedWorld.open();
  await world.mesh.admin(['set-acl'], JSON.stringify(POLICY));
  [client, gateA, gateB] = await Promise.all([
    world.join('client', 'tag:client', '--accept-routes'),
    world.join('gate-a', 'tag:gate'),
    world.join('gate-b', 'tag:gate'),
  ]);
});

afterAll(() => world?.close());

const set = async (machine: Machine, ...words: string[]) => {
  const ran = await machine.host.netfold(['set', ...words]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return ran.stderr;
};
const reachable = (target: string) => until(`an answer from ${target}`, () => reaches(client, target));
const told = (target: string, answer: string | RegExp, ...words: string[]) =>
  until(`${answer} from ${target}`, async () => (await askWho(client.host, target, ...words)).match(answer) !== null);
/** How many bytes the first router has got from a machine. */
const arrivals = async (machine: Machine) => {
  const { PublicKey } = (await statusOf(machine)).Self;
  return (await statusOf(gateA)).Peer[PublicKey]?.RxBytes ?? 0;
};
const nodeNamed = async (machine: Machine, name: string) =>
  Object.values((await statusOf(machine)).Peer).find(({ HostName }) => HostName === name);

describe('a subnet behind a router', () => {
  test('needs a kernel that forwards: what to do is told when it is advertised, and for as long as it is true', async () => {
    const said = await set(gateA, '--advertise-routes', LAN.join());
    for (const setting of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']) {
      expect(said).toMatch(new RegExp(`run: echo '${setting} = 1' .* sysctl -p`));
      expect((await gateA.host.netfold(['status'])).stderr).toContain(setting);
    }
    await world.forward(gateA.host);
    await world.forward(gateB.host);
    expect((await gateA.host.netfold(['status'])).stderr).not.toContain('forward');
  });

  test('is open without an admin where the policy approves it, in both families, and nobody needs a route back', async () => {
    for (const target of PRINTER) await reachable(target);
    await told(PRINTER[0], 'printer 192.168.7.1');
    await told(PRINTER[1], 'printer fd77::1');
  });

  test('sees who really sends when that is what its router is told', async () => {
    for (const flag of ['-4', '-6']) {
      const via = flag === '-4' ? '192.168.7.1' : 'fd77::1';
      world.printer.ip(flag, 'route', 'add', 'default', 'via', via);
    }
    await set(gateA, '--no-snat-subnet-routes');
    await told(PRINTER[0], /printer 100\./);
    await told(PRINTER[1], /printer fd/);
    await set(gateA, '--snat-subnet-routes');
    await told(PRINTER[0], 'printer 192.168.7.1');
    for (const flag of ['-4', '-6']) world.printer.ip(flag, 'route', 'del', 'default');
  });

  test('leaves nothing of its source NAT behind: not when its router stops, and not after a crash', async () => {
    const rules = async () => (await gateA.host.run('nft', ['list', 'ruleset'])).stdout;
    expect(await rules()).toContain('masquerade');
    await gateA.agent.stop('SIGKILL');
    expect(await rules()).toContain('masquerade');
    gateA.agent = world.mesh.startAgent(gateA.host);
    await reachable(PRINTER[0]);
    await set(gateA, '--advertise-routes', '');
    await until('no source NAT', async () => (await rules()) === '');
    await set(gateA, '--advertise-routes', LAN.join());
    await reachable(PRINTER[0]);
    await gateA.agent.stop();
    expect(await rules()).toBe('');
    gateA.agent = world.mesh.startAgent(gateA.host);
    await reachable(PRINTER[0]);
  });

  test('is closed on its router to whoever the policy does not let in, be their machine ever so willing', async () => {
    const guest = await world.join('guest', 'tag:guest', '--accept-routes');
    const gate = await until('the router', () => nodeNamed(guest, 'gate-a'));
    const key = Buffer.from(gate.PublicKey.replace('nodekey:', ''), 'hex').toString('base64');
    const prefixes = [...gate.IPs, LAN[0]].join();
    await guest.host.run('wg', ['set', 'netfold0', 'peer', key, 'allowed-ips', prefixes]);
    await until('a way', async () => guest.host.ip('route', 'get', PRINTER[0]).includes('netfold0'));
    await until('packets at the router', async () => {
      await reaches(guest, PRINTER[0]);
      return (await arrivals(guest)) > 0;
    });
    expect(await reaches(guest, PRINTER[0])).toBe(false);
    expect(Object.keys((await statusOf(gateA)).Peer)).toContain((await statusOf(guest)).Self.PublicKey);
    await reachable(PRINTER[0]);
    await guest.agent.stop();
  });
});

describe('a subnet behind two routers', () => {
  beforeAll(async () => {
    await set(gateB, '--advertise-routes', LAN.join());
    await told(PRINTER[0], 'printer 192.168.7.1');
  });

  test('is reached through the second when the first is killed, and through the first when it is back', async () => {
    await gateA.agent.stop('SIGKILL');
    await told(PRINTER[0], 'printer 192.168.7.2');
    await told(PRINTER[1], 'printer fd77::2');
    gateA.agent = world.mesh.startAgent(gateA.host);
    await told(PRINTER[0], 'printer 192.168.7.1'); // when it has answered for a while
  });

  test('the same when the first is cut off, which nobody is told of', async () => {
    gateA.host.ip('link', 'set', 'eth0', 'down');
    await told(PRINTER[0], 'printer 192.168.7.2');
    gateA.host.ip('link', 'set', 'eth0', 'up');
    await until('it is connected', async () => (await statusOf(gateA)).Control.Connected);
  });
});

describe('prefixes that overlap', () => {
  const NARROW = '10.1.0.1';
  const WIDE = '10.2.0.1';
  const advertise = async (wide: boolean, narrow: boolean) => {
    await set(gateA, '--advertise-routes', wide ? '10.0.0.0/8' : '');
    await set(gateB, '--advertise-routes', narrow ? '10.1.0.0/16' : '');
  };

  beforeAll(() => {
    for (const { host } of [gateA, gateB]) {
      for (const address of [NARROW, WIDE]) host.ip('addr', 'add', `${address}/32`, 'dev', 'lo');
    }
  });
  afterAll(() => advertise(false, false));

  test('lead to the narrower one, in whichever order they come and go', async () => {
    await advertise(true, false);
    await told(NARROW, 'gate-a');
    await advertise(true, true);
    await told(NARROW, 'gate-b');
    await told(WIDE, 'gate-a');
    await advertise(false, true);
    await told(NARROW, 'gate-b');
    await until('no way', async () => (await askWho(client.host, WIDE)) === '');
    await advertise(true, true);
    await told(WIDE, 'gate-a');
    await told(NARROW, 'gate-b');
    await advertise(true, false);
    await told(NARROW, 'gate-a');
  });

  test('give way to the network that a machine is in itself, which is told; the server and the peers stay in reach', async () => {
    await advertise(true, false);
    await told(WIDE, 'gate-a');
    const { stderr } = await client.host.netfold(['status']);
    expect(stderr).toContain('the route 10.0.0.0/8 overlaps the network of eth0 (10.9.0.2/24), which wins');
    expect(client.host.ip('route', 'get', '10.9.0.5')).toContain('dev eth0');
    expect(client.host.ip('route', 'get', '10.9.0.3', 'mark', '0x6e66')).toContain('dev eth0');
  });
});

describe('what cannot be', () => {
  test.each([
    [['--advertise-routes', '0.0.0.0/0'], 'is everything', 'use --advertise-exit-node'],
    [['--advertise-routes', '100.64.0.0/16'], 'overlaps 100.64.0.0/10', 'nodes are reached without a route'],
    [['--advertise-routes', '192.168.7.1/24'], 'has host bits', 'did you mean 192.168.7.0/24?'],
    [['--advertise-routes', '169.254.0.0/16'], 'is for use within one machine or link only', ''],
    [['--exit-node', 'nobody'], 'there is no node "nobody"', 'no node is one for this machine'],
    [['--exit-node', 'gate-b'], 'gate-b is no exit node for this machine', '--advertise-exit-node'],
    [['--exit-node', 'gate-b', '--advertise-exit-node'], 'cannot use another one', '--no-advertise-exit-node'],
  ])('%j is refused with what to do instead', async (words, message, hint) => {
    const ran = await client.host.netfold(['set', ...words]);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toContain(hint);
  });

  test('has changed nothing', async () => {
    expect(await set(client, '--accept-routes')).not.toContain('exit node');
    expect((await statusOf(client)).Self.AdvertisedRoutes).toEqual([]);
  });
});

describe('an exit node', () => {
  let exit: Machine;

  /** Nothing gets to the internet; each family is tried. */
  const expectNoWayOut = async () => {
    for (const target of WEB) expect(await askWho(client.host, target)).toBe('');
  };
  const expectSeenAs = async (addresses: readonly string[]) => {
    for (const [family, target] of WEB.entries()) await told(target, `internet ${addresses[family]}`);
  };
  const lookUp = (name: string, ...words: string[]) =>
    client.host.run('dig', ['+short', '+time=2', '+tries=1', ...words, name]);

  beforeAll(async () => {
    exit = await world.join('exit', 'tag:exit', '--advertise-exit-node');
    await until('an exit node', async () => (await nodeNamed(client, 'exit'))?.ExitNodeOption);
  });

  test('is where the internet sees this machine, in both families, and where its questions about names come from', async () => {
    await expectSeenAs(DIRECTLY);
    await lookUp('zero.example.test');
    expect(world.askersFor('zero.example.test')).toEqual([DIRECTLY[0]]);
    await set(client, '--exit-node', 'exit');
    await expectSeenAs(THROUGH_EXIT);
    await until('a name', async () => (await lookUp('one.example.test')).stdout.includes('203.0.113.80'));
    expect(new Set(world.askersFor('one.example.test'))).toEqual(new Set([THROUGH_EXIT[0]]));
  });

  test('leaves the way to the server and to peers alone, and takes the own network only when it is not wanted', async () => {
    expect((await statusOf(client)).Control.Connected).toBe(true);
    expect(client.host.ip('route', 'get', '10.9.0.254')).toContain('netfold0');
    await set(client, '--exit-node-allow-lan-access');
    await until('the own network', async () => client.host.ip('route', 'get', '10.9.0.254').includes('eth0'));
    await expectSeenAs(THROUGH_EXIT);
    await lookUp('two.example.test', '@10.9.0.254');
    expect(world.askersFor('two.example.test')).toEqual([]);
    await set(client, '--no-exit-node-allow-lan-access');
    await until('only the tunnel', async () => client.host.ip('route', 'get', '10.9.0.254').includes('netfold0'));
  });

  test('is used by another mark, too', async () => {
    await client.host.run('wg', ['set', 'netfold0', 'fwmark', '0x10']);
    await expectSeenAs(THROUGH_EXIT);
    await client.host.run('wg', ['set', 'netfold0', 'fwmark', '0']);
    await expectSeenAs(THROUGH_EXIT);
  });

  test('that is out of reach or no longer one is no reason to go another way', async () => {
    await exit.agent.stop('SIGKILL');
    await expectNoWayOut();
    await until('a warning', async () =>
      (await client.host.netfold(['status'])).stderr.includes('the exit node exit is offline'),
    );
    exit.agent = world.mesh.startAgent(exit.host);
    await expectSeenAs(THROUGH_EXIT);
    await set(exit, '--no-advertise-exit-node');
    await until('a warning', async () =>
      (await client.host.netfold(['status'])).stderr.includes('the exit node exit is not there'),
    );
    await expectNoWayOut();
    await set(exit, '--advertise-exit-node');
    await expectSeenAs(THROUGH_EXIT);
  });

  test('holds when this machine’s agent is killed, and while the next one starts, until it is told to be down', async () => {
    const seenDirectly = () => DIRECTLY.map((address) => world.visitsFrom(address));
    const before = seenDirectly();
    const asking = keepAsking(client.host, ...WEB);
    await client.agent.stop('SIGKILL');
    await expectNoWayOut();
    expect(client.host.ip('route', 'show', 'table', 'all')).not.toContain('netfold0');
    client.agent = world.mesh.startAgent(client.host);
    await expectSeenAs(THROUGH_EXIT);
    expect((await client.host.netfold(['up', '--tun', 'netfold1'])).code).toBe(0);
    await expectSeenAs(THROUGH_EXIT);
    await client.agent.stop('SIGKILL');
    await asking.stop();
    expect(seenDirectly()).toEqual(before);
    client.agent = world.mesh.startAgent(client.host);
    await until('the agent', async () => (await client.host.netfold(['down'])).code === 0);
    await expectSeenAs(DIRECTLY);
    await client.host.netfold(['up']);
    await expectSeenAs(THROUGH_EXIT);
  });

  test('holds while no agent runs, when that is wanted, until what it has left is cleaned up', async () => {
    await client.agent.stop('SIGTERM');
    await expectSeenAs(DIRECTLY);
    client.agent = world.mesh.startAgent(client.host);
    await expectSeenAs(THROUGH_EXIT);
    const running = await client.host.netfold(['agent', '--cleanup']);
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('an agent is running') });
    await set(client, '--exit-node-kill-switch', 'always');
    await client.agent.stop('SIGTERM');
    await expectNoWayOut();
    const { code, stdout } = await client.host.netfold(['agent', '--cleanup']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('Taken back: IPv4 route: unreachable'),
    });
    await expectSeenAs(DIRECTLY);
    expect((await client.host.netfold(['agent', '--cleanup'])).stdout).toBe('Nothing was left behind.\n');
    client.agent = world.mesh.startAgent(client.host);
    await expectSeenAs(THROUGH_EXIT);
    await set(client, '--exit-node-kill-switch', 'while-running');
  });

  test('is given up again', async () => {
    await set(client, '--exit-node', '');
    await expectSeenAs(DIRECTLY);
    expect(client.host.ip('route', 'show', 'table', 'all')).not.toContain('unreachable');
  });
});
