import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NetworkNamespace } from '../testing/network-namespace.js';
import { LinuxTun } from '../tun/linux-tun.js';
import { LinuxInterface } from './linux-interface.js';
import { removeLeftovers } from './remove-leftovers.js';
import { SourceNat } from './source-nat.js';

let host: NetworkNamespace;
let name: string;

beforeEach(async () => {
  host = await NetworkNamespace.create();
  name = host.interfaceName();
});
afterEach(() => host.remove());

/** All that rules, routes and nftables say. */
const picture = async () => [
  await host.exec('ip', '-4', 'rule', 'show'),
  await host.exec('ip', '-6', 'rule', 'show'),
  await host.exec('ip', '-4', 'route', 'show', 'table', 'all', 'type', 'unreachable'),
  await host.exec('ip', '-6', 'route', 'show', 'table', 'all', 'type', 'unreachable'),
  await host.exec('nft', 'list', 'ruleset'),
];

test('what a killed process has left is named and taken away; there is nothing then, and nothing else was touched', async () => {
  await host.exec('ip', 'rule', 'add', 'priority', '5000', 'to', '192.0.2.0/24', 'lookup', 'main');
  await host.exec('nft', 'add', 'table', 'inet', 'somebody-else');
  const before = await picture();
  const tun = await LinuxTun.open({ name, mtu: 1280 });
  await host.adopt(name);
  const addresses = ['100.64.0.1/32', 'fd7a::1/128'];
  const settings = { addresses, mtu: 1280, routes: ['0.0.0.0/0', '::/0'], bypass: ['192.0.2.9/32'] };
  await new LinuxInterface(name, { run: host.run }).apply(settings);
  await new SourceNat(name, { run: host.run }).enable();
  const inUse = { code: 'host.interface_in_use' };
  await expect(removeLeftovers(name, { run: host.run })).rejects.toMatchObject(inUse);
  // As the end of its process does.
  await tun.close();
  expect(await picture()).not.toEqual(before);

  const removed = await removeLeftovers(name, { run: host.run });
  expect(removed).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^IPv4 rule: priority 5267 to 192\.0\.2\.9/),
      expect.stringMatching(/^IPv6 rule: priority 5270 not fwmark/),
      expect.stringMatching(/^IPv4 route: unreachable default/),
      expect.stringMatching(/^IPv6 route: unreachable default/),
      `nftables table inet ${name}`,
    ]),
  );
  expect(await picture()).toEqual(before);
  expect(await removeLeftovers(name, { run: host.run })).toEqual([]);
});
