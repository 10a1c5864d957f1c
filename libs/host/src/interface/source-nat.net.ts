import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NetworkNamespace } from '../testing/network-namespace.js';
import { LinuxTun } from '../tun/linux-tun.js';
import { UserspaceTun } from '../userspace/userspace-tun.js';
import { LinuxInterface } from './linux-interface.js';
import { SourceNat } from './source-nat.js';

// A peer in the mesh (userspace) ── tun ── router ── lan0 ── machine, which has no route back to the mesh.
let router: NetworkNamespace;
let machine: NetworkNamespace;
let tun: LinuxTun;
let peer: UserspaceTun;
let nat: SourceNat;

beforeEach(async () => {
  [router, machine] = await Promise.all([NetworkNamespace.create(), NetworkNamespace.create()]);
  await router.exec('ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine.name);
  for (const [namespace, name, host] of [
    [router, 'lan0', 1],
    [machine, 'eth0', 10],
  ] as const) {
    await namespace.exec('ip', 'address', 'add', `192.168.77.${host}/24`, 'dev', name);
    await namespace.exec('ip', 'address', 'add', `fd77::${host}/64`, 'dev', name, 'nodad');
    await namespace.exec('ip', 'link', 'set', name, 'up');
  }
  await router.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');

  tun = await LinuxTun.open({ name: router.interfaceName(), mtu: 1280 });
  await router.adopt(tun.name);
  const settings = { addresses: ['100.64.0.1/32', 'fd7a::1/128'], mtu: 1280, routes: ['100.64.0.0/10', 'fd7a::/48'] };
  await new LinuxInterface(tun.name, { run: router.run }).apply(settings);
  peer = new UserspaceTun({ addresses: ['100.64.0.9', 'fd7a::9'] });
  const pipe = (from: LinuxTun | UserspaceTun, to: LinuxTun | UserspaceTun) =>
    from.onPackets((packets) => packets.forEach((packet) => void to.write(packet)));
  pipe(tun, peer);
  pipe(peer, tun);
  nat = new SourceNat(tun.name, { run: router.run });
});
afterEach(async () => {
  await peer.close();
  await tun.close();
  await Promise.all([router.remove(), machine.remove()]);
});

const reached = async (address: string) => (await peer.ping(address, { timeout: 60_000 })) !== undefined;

test('a machine without a route back answers, for as long as it is on', async () => {
  for (const address of ['100.64.0.1', 'fd7a::1']) expect(await reached(address)).toBe(true);
  expect(await peer.ping('192.168.77.10', { timeout: 300 })).toBeUndefined();
  await nat.enable();
  await nat.enable();
  for (const address of ['192.168.77.10', 'fd77::10']) expect(await reached(address)).toBe(true);
  await nat.disable();
  await nat.disable();
  expect(await router.exec('nft', 'list', 'ruleset')).toBe('');
});

test('a machine whose network is to see who sends needs a route back', async () => {
  await nat.enable(['192.168.77.0/24']);
  expect(await reached('fd77::10')).toBe(true);
  expect(await peer.ping('192.168.77.10', { timeout: 300 })).toBeUndefined();
  await machine.exec('ip', 'route', 'add', '100.64.0.0/10', 'via', '192.168.77.1');
  expect(await reached('192.168.77.10')).toBe(true);
});

test('connections through the tunnel learn its MTU', async () => {
  await nat.enable();
  const table = await router.exec('nft', 'list', 'table', 'inet', tun.name);
  expect(table).toContain(`oifname "${tun.name}" tcp flags syn tcp option maxseg size set rt mtu`);
});
