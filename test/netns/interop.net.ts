import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Host } from './lab/host.js';
import { Lab } from './lab/lab.js';
import { Pinger } from './lab/pinger.js';
import { until } from './lab/until.js';
import { Wg } from './lab/wg.js';

// The data path, in a thread of its own and on a real interface, against wireguard-go: each in a host of its own, both
// configured by wg(8).

let lab: Lab;
let netfold: Wg;
let go: Wg;
let presharedKey: string;

beforeAll(async () => {
  lab = Lab.open();
  const hosts = [lab.host('alice', '10.8.0.1/24'), lab.host('bob', '10.8.0.2/24')] as const;
  for (const [i, host] of hosts.entries()) {
    host.ip('addr', 'add', `fd08::${i + 1}/64`, 'dev', 'eth0', 'nodad');
    await host.run('sysctl', [
      '-qw',
      'net.ipv4.conf.all.promote_secondaries=1',
      'net.ipv6.conf.all.keep_addr_on_down=1',
    ]);
  }
  netfold = await Wg.netfold(hosts[0], 'nf0', '10.77.0.1/24', 'fd77::1/64');
  go = await Wg.go(hosts[1], 'wg0', '10.77.0.2/24', 'fd77::2/64');
  presharedKey = netfold.file('psk', (await netfold.done('genpsk')).trim());
});

afterEach(() => {
  for (const { host, name } of [netfold, go])
    for (const link of ['eth0', name]) setMtu(host, link, link === 'eth0' ? 1500 : 1420);
});
afterAll(() => lab?.close());

const setMtu = (host: Host, link: string, mtu: number) => host.ip('link', 'set', link, 'mtu', String(mtu));

const HERE = '10.77.0.1/32,fd77::1/128';
const THERE = '10.77.0.2/32,fd77::2/128';
const ends = () => [
  { wg: netfold, allowedIps: HERE, address: '10.77.0.1', address6: 'fd77::1', outer: '10.8.0.1', outer6: '[fd08::1]' },
  { wg: go, allowedIps: THERE, address: '10.77.0.2', address6: 'fd77::2', outer: '10.8.0.2', outer6: '[fd08::2]' },
];
type End = ReturnType<typeof ends>[number];

/** The two, the one that begins first. */
function roles(begins: string): readonly [End, End] {
  const [ours, theirs] = ends() as [End, End];
  return begins === 'netfold' ? [ours, theirs] : [theirs, ours];
}

/** Anew, with no sessions: only the one that begins knows where the other is. */
async function meet(begins: string, { over6 = false } = {}): Promise<readonly [End, End]> {
  const [from, to] = roles(begins);
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    await one.wg.forgets(other.wg);
    await one.wg.meets(other.wg, other.allowedIps, 'preshared-key', presharedKey);
  }
  const endpoint = `${over6 ? to.outer6 : to.outer}:${await to.wg.listenPort()}`;
  await from.wg.set('peer', await to.wg.publicKey(), 'endpoint', endpoint);
  return [from, to];
}

/** How many answers came, up to three: `-W` would give up on late ones after two round trips. */
async function ping({ host }: Wg, target: string, ...words: string[]): Promise<number> {
  const { stdout } = await host.run('ping', ['-n', '-c', '3', '-i', '0.02', '-w', '60', ...words, target]);
  return Math.min(3, Number(/(\d+) received/.exec(stdout)?.[1] ?? 0));
}

/** As a laptop that changes networks; wireguard-go would otherwise stay bound to its former address for 15 s. */
async function move(wg: Wg, from: string, to: string): Promise<void> {
  wg.host.ip('addr', 'add', `${to}/24`, 'dev', 'eth0');
  wg.host.ip('addr', 'del', `${from}/24`, 'dev', 'eth0');
  await wg.set('listen-port', String((await wg.listenPort()) + 1));
}

/** Outer packets that the host had to cut into pieces so far. */
async function fragments(host: Host): Promise<number> {
  const { stdout } = await host.run('nstat', ['-asz', 'IpFragCreates', 'Ip6FragCreates']);
  return [...stdout.matchAll(/FragCreates\s+(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe.each(['netfold', 'wireguard-go'])('when %s begins', (begins) => {
  test.each([
    ['IPv4', false],
    ['IPv6', true],
  ])('packets of both families go both ways over %s', async (_, over6) => {
    const [from, to] = await meet(begins, { over6 });
    expect(await ping(from.wg, to.address)).toBe(3);
    expect(await ping(from.wg, to.address6)).toBe(3);
    expect(await ping(to.wg, from.address)).toBe(3);
    expect(await ping(to.wg, from.address6)).toBe(3);
    const seen = await to.wg.of(from.wg);
    expect(seen?.endpoint).toBe(`${over6 ? from.outer6 : from.outer}:${await from.wg.listenPort()}`);
    expect(seen?.handshakeAt).toBeGreaterThan(0);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const)
      await until('one count', async () => (await one.wg.of(other.wg))?.received === (await other.wg.of(one.wg))?.sent);
  });

  test('it moves to another address and port amid its traffic: nothing but the way is new', async () => {
    const [from, to] = await meet(begins);
    const running = Pinger.start(from.wg.host, `roaming-${begins}`, to.address);
    await until('the ping runs', async () => running.answers > 10);
    const before = await to.wg.of(from.wg);
    const moved = from.outer.replace('10.8.0.', '10.8.0.1');
    await move(from.wg, from.outer, moved);
    const there = async () => (await to.wg.of(from.wg))?.endpoint;
    await until('the other one follows', async () => (await there()) === `${moved}:${await from.wg.listenPort()}`);
    const answers = running.answers;
    await until('the ping goes on', async () => running.answers > answers + 20);
    expect((await to.wg.of(from.wg))?.handshakeAt).toBe(before?.handshakeAt);
    await move(from.wg, moved, from.outer);
    await until('it is back', async () => (await there())?.startsWith(`${from.outer}:`));
    const back = running.answers;
    await until('the ping goes on', async () => running.answers > back + 20);
    expect((await to.wg.of(from.wg))?.handshakeAt).toBe(before?.handshakeAt);
    await running.finish();
  });

  test('it begins anew five times amid the traffic, which goes on', async () => {
    const [from, to] = await meet(begins);
    const sessions = () => netfold.running?.output().match(/^session$/gm)?.length ?? 0;
    const running = Pinger.start(to.wg.host, `anew-${begins}`, from.address);
    const endpoint = `${to.outer}:${await to.wg.listenPort()}`;
    const key = await to.wg.publicKey();
    const settings = ['allowed-ips', to.allowedIps, 'preshared-key', presharedKey, 'endpoint', endpoint];
    for (let i = 0; i < 5; i++) {
      const [before, answers] = [sessions(), running.answers];
      await from.wg.set('peer', key, 'remove', 'peer', key, ...settings, 'persistent-keepalive', '1');
      await until('there is another session', async () => sessions() > before);
      await until('the ping goes on', async () => running.answers > answers + 5);
    }
    await running.finish();
  });

  test.each([['there'], ['back', '--reverse']])('much data arrives %s', async (_, ...direction) => {
    const [from, to] = await meet(begins);
    const words = ['-s', '-1', '--forceflush', '-B', to.address];
    const server = to.wg.host.start(`iperf-${begins}${direction}`, 'iperf3', words);
    await until('iperf3 listens', async () => server.output().includes('listening'));
    const { stdout, code } = await from.wg.host.run('iperf3', ['-c', to.address, '-n', '20M', '-J', ...direction]);
    expect(code).toBe(0);
    await until('iperf3 has ended', async () => server.process.exitCode !== null);
    const { end } = JSON.parse(stdout) as { end: { sum_received: { bytes: number } } };
    expect(end.sum_received.bytes).toBeGreaterThan(15e6); // what is on its way at the end is not counted
  });

  test.each([
    [1420, '-4', 28],
    [1280, '-6', 48],
  ])(
    'packets of just the MTU of %d go through %s, whole and over IPv6; larger ones are not sent',
    async (mtu, family, headers) => {
      const [from, to] = await meet(begins, { over6: true });
      for (const { wg } of [from, to]) setMtu(wg.host, wg.name, mtu);
      const target = family === '-4' ? to.address : to.address6;
      const before = await fragments(from.wg.host);
      const sized = (size: number, ...words: string[]) => ping(from.wg, target, '-s', String(size - headers), ...words);
      expect(await sized(mtu, '-M', 'do')).toBe(3);
      expect(await sized(mtu - 1, '-M', 'do')).toBe(3);
      expect(await sized(mtu + 1, '-M', 'do', '-w', '1')).toBe(0);
      expect(await fragments(from.wg.host)).toBe(before);
      // Without "do not fragment" the kernel cuts them up before the tunnel.
      expect(await sized(4000, '-M', 'dont')).toBe(3);
    },
  );

  test('a link that is narrower than the tunnel cuts outer packets up, and all arrives', async () => {
    const [from, to] = await meet(begins);
    for (const { wg } of [from, to]) setMtu(wg.host, 'eth0', 1300);
    const before = await fragments(from.wg.host);
    expect(await ping(from.wg, to.address, '-M', 'do', '-s', '1392')).toBe(3);
    expect(await fragments(from.wg.host)).toBeGreaterThan(before);
    const server = to.wg.host.start(`narrow-${begins}`, 'iperf3', ['-s', '-1', '--forceflush', '-B', to.address]);
    await until('iperf3 listens', async () => server.output().includes('listening'));
    expect((await from.wg.host.run('iperf3', ['-c', to.address, '-n', '2M'])).code).toBe(0);
    await until('iperf3 has ended', async () => server.process.exitCode !== null);
  });
});

test('ten of wireguard-go are peers of one netfold, and each reaches it and is reached', async () => {
  await netfold.forgets(go);
  const port = await netfold.listenPort();
  const others = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const other = await Wg.go(lab.host(`peer-${i}`, `10.8.0.${100 + i}/24`), 'wg0', `10.77.0.${100 + i}/24`);
      await other.meets(netfold, '10.77.0.0/24', 'endpoint', `10.8.0.1:${port}`);
      await netfold.meets(other, `10.77.0.${100 + i}/32`);
      return other;
    }),
  );
  expect(await Promise.all(others.map((other) => ping(other, '10.77.0.1')))).toEqual(others.map(() => 3));
  expect(await Promise.all(others.map((_, i) => ping(netfold, `10.77.0.${100 + i}`)))).toEqual(others.map(() => 3));
  expect((await netfold.peers()).size).toBe(10);
});
