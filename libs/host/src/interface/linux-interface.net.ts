import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NetworkNamespace } from '../testing/network-namespace.js';
import { LinuxTun } from '../tun/linux-tun.js';
import type { InterfaceSettings } from './interface-settings.js';
import { readInterface } from './interface-state.js';
import { LinuxInterface } from './linux-interface.js';
import type { RunCommand } from './run-command.js';

let host: NetworkNamespace;
let tun: LinuxTun;
let batches: string[];
let link: LinuxInterface;

beforeEach(async () => {
  host = await NetworkNamespace.create();
  tun = await LinuxTun.open({ name: host.interfaceName(), mtu: 1280 });
  await host.adopt(tun.name);
  batches = [];
  const run: RunCommand = (command, words, input) => {
    if (words.includes('-batch')) batches.push(input ?? '');
    return host.run(command, words, input);
  };
  link = new LinuxInterface(tun.name, { run });
});
afterEach(async () => {
  await tun.close();
  await host.remove();
});

const SETTINGS: InterfaceSettings = {
  addresses: ['100.64.0.1/32', 'fd7a::1/128'],
  mtu: 1280,
  routes: ['100.64.0.0/10', 'fd7a::/48', '192.168.77.10'],
};

const ip = (...words: string[]) => host.exec('ip', ...words);
const rules = async () => (await ip('-4', 'rule')) + (await ip('-6', 'rule'));

describe('an interface', () => {
  test('becomes what the settings say, once', async () => {
    await link.apply(SETTINGS);
    expect(await readInterface(tun.name, host.run)).toEqual({
      addresses: new Set(SETTINGS.addresses),
      mtu: 1280,
      up: true,
      routes: [
        { prefix: '100.64.0.0/10', table: '28262' },
        { prefix: '192.168.77.10/32', table: '28262' },
        { prefix: 'fd7a::/48', table: '28262' },
      ],
    });
    batches = [];
    await link.apply({ ...SETTINGS, routes: ['fd7a:0::/48', '100.64.1.0/10', '192.168.77.10/32'] });
    expect(batches).toEqual([]);
  });

  test('follows a change, and keeps what stays', async () => {
    await link.apply(SETTINGS);
    batches = [];
    await link.apply({
      addresses: ['100.64.0.7/10', 'fd7a::1/128'],
      mtu: 1400,
      routes: ['10.0.0.0/8', 'fd7a::/48', 'fd99::/64'],
    });
    const { name } = tun;
    expect(batches).toEqual([
      `route delete 100.64.0.0/10 dev ${name} table 28262\nroute delete 192.168.77.10/32 dev ${name} table 28262\n` +
        `address delete 100.64.0.1/32 dev ${name}\nlink set dev ${name} mtu 1400\naddress add 100.64.0.7/10 dev ${name}\n` +
        `route add 10.0.0.0/8 dev ${name} table 28262 proto static\n`,
      `route add fd99::/64 dev ${name} table 28262 proto static\n`,
    ]);
    expect(await readInterface(name, host.run)).toMatchObject({
      addresses: new Set(['100.64.0.7/10', 'fd7a::1/128']),
      mtu: 1400,
    });
  });

  test('leaves IPv6 out where there is none', async () => {
    await new LinuxInterface(tun.name, { run: host.run, ipv6: false }).apply(SETTINGS);
    const { addresses, routes } = await readInterface(tun.name, host.run);
    expect([...addresses, ...routes.map(({ prefix }) => prefix)].filter((text) => text.includes(':'))).toEqual([]);
  });

  test('that is not there is refused', async () => {
    const missing = new LinuxInterface('nope0', { run: host.run });
    await expect(missing.apply(SETTINGS)).rejects.toMatchObject({
      code: 'host.command_failed',
      message: expect.stringContaining('nope0'),
    });
  });
});

const wayTo = async (...words: string[]) => /dev (\S+)/.exec(await ip('route', 'get', ...words))?.[1];

/** The host's own network, and its way to everything. */
async function addUplink(): Promise<void> {
  await ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
  for (const address of ['203.0.113.2/24', 'fd99::2/64']) await ip('address', 'add', address, 'dev', 'up0', 'nodad');
  for (const name of ['up0', 'up1']) await ip('link', 'set', name, 'up');
  await ip('route', 'add', 'default', 'via', '203.0.113.1');
  await ip('-6', 'route', 'add', 'default', 'via', 'fd99::1');
}

describe('a subnet route', () => {
  beforeEach(addUplink);

  test('gives way to the host’s own networks, be they the same, wider or narrower', async () => {
    const routes = ['203.0.113.0/24', 'fd99::/64', '203.0.113.128/25', '203.0.112.0/22', '10.1.0.0/16'];
    await link.apply({ ...SETTINGS, routes });
    expect(await wayTo('203.0.113.9')).toBe('up0');
    expect(await wayTo('203.0.113.129')).toBe('up0');
    expect(await wayTo('fd99::9')).toBe('up0');
    expect(await wayTo('203.0.112.9')).toBe(tun.name);
    expect(await wayTo('10.1.0.1')).toBe(tun.name);
    await ip('route', 'add', '0.0.0.0/1', 'via', '203.0.113.1'); // a default in two pieces
    expect(await wayTo('10.1.0.1')).toBe(tun.name);
  });

  test('that covers the way to a peer or to the server does not lead their packets in circles', async () => {
    await link.apply({ ...SETTINGS, routes: ['198.51.100.0/24', 'fd98::/48'], bypass: ['198.51.100.7'] });
    expect(await wayTo('198.51.100.9')).toBe(tun.name);
    expect(await wayTo('198.51.100.9', 'mark', '0x6e66')).toBe('up0');
    expect(await wayTo('fd98::9', 'mark', '0x6e66')).toBe('up0');
    expect(await wayTo('198.51.100.7')).toBe('up0');
  });

  test.each([[['10.0.0.0/8', '10.1.0.0/16']], [['10.1.0.0/16', '10.0.0.0/8']]])(
    'may lie within another: %j come and go in this order',
    async (routes) => {
      for (const count of [1, 2]) await link.apply({ ...SETTINGS, routes: routes.slice(0, count) });
      for (const target of ['10.1.0.1', '10.9.0.1']) expect(await wayTo(target)).toBe(tun.name);
      await link.apply({ ...SETTINGS, routes: routes.slice(1) });
      expect(await wayTo('10.1.0.1')).toBe(tun.name);
      expect(await wayTo('10.9.0.1')).toBe(routes[1] === '10.0.0.0/8' ? tun.name : 'up0');
      await link.apply({ ...SETTINGS, routes: [] });
      expect(await wayTo('10.1.0.1')).toBe('up0');
    },
  );
});

describe('an exit node’s user', () => {
  const EXIT = { ...SETTINGS, routes: [...SETTINGS.routes, '0.0.0.0/0', '::/0'], bypass: ['198.51.100.7', 'fd99::7'] };

  beforeEach(addUplink);

  test('reaches the own network only when it is to, and looks up no names there', async () => {
    await link.apply({ ...EXIT, lan: false });
    for (const target of ['203.0.113.9', 'fd99::9', '8.8.8.8']) expect(await wayTo(target)).toBe(tun.name);
    await link.apply({ ...EXIT, lan: true });
    for (const target of ['203.0.113.9', 'fd99::9']) {
      expect(await wayTo(target)).toBe('up0');
      for (const protocol of ['udp', 'tcp']) {
        expect(await wayTo(target, 'ipproto', protocol, 'dport', '53')).toBe(tun.name);
      }
    }
    expect(await wayTo('fd99::7')).toBe('up0');
  });

  test('sends nothing past the tunnel when that is gone without a farewell, until somebody clears up', async () => {
    const before = await rules();
    await link.apply({ ...EXIT, lan: false });
    await tun.close();
    for (const target of ['8.8.8.8', '203.0.113.9', '2001:db8::8', 'fd99::9']) {
      await expect(wayTo(target)).rejects.toThrow(/unreachable|No route to host/i);
    }
    expect(await wayTo('8.8.8.8', 'mark', '0x6e66')).toBe('up0');
    await link.remove();
    for (const target of ['8.8.8.8', '203.0.113.9', '2001:db8::8', 'fd99::9']) expect(await wayTo(target)).toBe('up0');
    expect(await rules()).toBe(before);
    expect(await ip('route', 'show', 'table', 'all')).not.toContain('unreachable');
  });

  test('follows another mark', async () => {
    await link.apply(EXIT);
    await link.apply({ ...EXIT, mark: 0x10 });
    expect(await wayTo('8.8.8.8', 'mark', '0x10')).toBe('up0');
    expect(await wayTo('8.8.8.8', 'mark', '0x6e66')).toBe(tun.name);
  });

  test('sends everything into the tunnel but what is marked, by-passed or nearer', async () => {
    await link.apply(SETTINGS);
    const before = await rules();
    await link.apply(EXIT);
    expect(await wayTo('8.8.8.8')).toBe(tun.name);
    expect(await wayTo('2001:db8::8')).toBe(tun.name);
    expect(await wayTo('8.8.8.8', 'mark', '0x6e66')).toBe('up0');
    expect(await wayTo('2001:db8::8', 'mark', '0x6e66')).toBe('up0');
    expect(await wayTo('198.51.100.7')).toBe('up0');
    expect(await wayTo('fd99::7')).toBe('up0');
    expect(await wayTo('203.0.113.9')).toBe('up0');

    batches = [];
    await link.apply(EXIT);
    expect(batches).toEqual([]);
    await link.apply({ ...EXIT, bypass: ['198.51.100.8'] });
    expect(await wayTo('198.51.100.7')).toBe(tun.name);
    expect(await wayTo('198.51.100.8')).toBe('up0');

    await link.apply(SETTINGS);
    expect(await wayTo('8.8.8.8')).toBe('up0');
    expect(await rules()).toBe(before);
  });

  test('finds the host as it was after removal', async () => {
    const before = await rules();
    await link.apply(EXIT);
    expect(await rules()).not.toBe(before);
    await link.remove();
    await tun.close();
    expect(await rules()).toBe(before);
    expect(await ip('route', 'show', 'table', 'all')).not.toContain(tun.name);
  });
});
