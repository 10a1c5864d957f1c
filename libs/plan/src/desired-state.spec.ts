import { describe, expect, it } from '@jest/globals';
import type { Item, Netmap, PeerItem, SelfItem } from '#netmap';
import { desiredState } from './desired-state.js';
import { emptyEngineState } from './engine-state.js';

const self: SelfItem = {
  kind: 'self',
  id: 'me',
  name: 'me',
  dnsName: 'me.home.internal',
  ipv4: '100.64.0.9',
  ipv6: 'fd12:3456:789a::9',
  user: 'alice@example.com',
  tags: [],
  nodeKey: 'key-me',
  keyExpiresAt: undefined,
  approved: true,
  expired: false,
  suspended: false,
  routes: [],
  labels: [],
};

const peer = (id: string, number: number): PeerItem => ({
  kind: 'peer',
  id,
  name: id,
  dnsName: '',
  ipv4: `100.64.0.${number}`,
  ipv6: `fd12:3456:789a::${number}`,
  user: 'bob@example.com',
  tags: [],
  nodeKey: `key-${id}`,
  os: 'linux',
  labels: ['group:a'],
});

const route = (prefix: string, via: string): Item => ({
  kind: 'route',
  id: `${prefix}@${via}`,
  prefix,
  via,
  standby: [],
});
const netmapOf = (...items: Item[]): Netmap => new Map(items.map((item) => [`${item.kind}/${item.id}`, item]));

const PEERS = [peer('a', 1), peer('b', 2)];
const ROUTES = [route('10.0.0.0/8', 'a'), route('0.0.0.0/0', 'a'), route('0.0.0.0/0', 'b'), route('::/0', 'b')];
const OWN_A = ['100.64.0.1/32', 'fd12:3456:789a::1/128'];
const OWN_B = ['100.64.0.2/32', 'fd12:3456:789a::2/128'];
const TAILNET = ['100.64.0.0/10', 'fd12:3456:789a::/48'];

const allowedIps = (netmap: Netmap, choices: Parameters<typeof desiredState>[1]) =>
  Object.fromEntries([...desiredState(netmap, choices).peers.values()].map(({ id, allowedIps }) => [id, allowedIps]));

const CHOICES = { acceptRoutes: false, acceptDns: true };

describe('desiredState', () => {
  it('is an engine with its own addresses, its peers, and who they are to the filter', () => {
    expect(desiredState(netmapOf(self, ...PEERS), { ...CHOICES, acceptRoutes: false })).toMatchObject({
      addresses: ['100.64.0.9', 'fd12:3456:789a::9'],
      routes: TAILNET,
      served: [],
      self: { addresses: ['100.64.0.9', 'fd12:3456:789a::9'], user: 'alice@example.com' },
      peers: new Map([
        ['a', { id: 'a', nodeKey: 'key-a', allowedIps: OWN_A }],
        ['b', { id: 'b', nodeKey: 'key-b', allowedIps: OWN_B }],
      ]),
    });
  });

  it('leaves routes alone that nobody chose', () => {
    expect(allowedIps(netmapOf(self, ...PEERS, ...ROUTES), { ...CHOICES, acceptRoutes: false })).toEqual({
      a: OWN_A,
      b: OWN_B,
    });
  });

  it('takes subnets with acceptRoutes, and the internet only through the exit node that was chosen', () => {
    const netmap = netmapOf(self, ...PEERS, ...ROUTES);
    expect(allowedIps(netmap, { ...CHOICES, acceptRoutes: true })).toEqual({ a: [...OWN_A, '10.0.0.0/8'], b: OWN_B });
    expect(allowedIps(netmap, { ...CHOICES, acceptRoutes: false, exitNode: 'b' })).toEqual({
      a: OWN_A,
      b: [...OWN_B, '0.0.0.0/0', '::/0'],
    });
    expect(desiredState(netmap, { ...CHOICES, acceptRoutes: true, exitNode: 'b' }).routes).toEqual([
      ...TAILNET,
      '10.0.0.0/8',
      '0.0.0.0/0',
      '::/0',
    ]);
  });

  it('lets nothing out of the host beside an exit node that is not there, serves half, or is cut off', () => {
    const netmap = netmapOf(self, ...PEERS, ...ROUTES);
    const through = (exitNode: string) => ({ ...CHOICES, exitNode });
    expect(allowedIps(netmap, through('gone'))).toEqual({ a: OWN_A, b: OWN_B });
    for (const id of ['gone', 'a']) {
      expect(desiredState(netmap, through(id)).routes.toSorted()).toEqual([...TAILNET, '0.0.0.0/0', '::/0'].toSorted());
    }
    for (const outside of [netmapOf(), netmapOf({ ...self, expired: true }, ...PEERS)]) {
      const state = desiredState(outside, through('a'));
      expect(state).toEqual({ ...emptyEngineState, routes: ['0.0.0.0/0', '::/0'] });
    }
  });

  it('goes through the first router that answers', () => {
    const way = { ...route('10.0.0.0/8', 'a'), standby: ['b'] } as Item;
    const netmap = netmapOf(self, ...PEERS, way);
    const by = (...unwell: string[]) => allowedIps(netmap, { ...CHOICES, acceptRoutes: true, unwell: new Set(unwell) });
    const [throughA, throughB] = [
      { a: [...OWN_A, '10.0.0.0/8'], b: OWN_B },
      { a: OWN_A, b: [...OWN_B, '10.0.0.0/8'] },
    ];
    expect(by()).toEqual(throughA);
    expect(by('a')).toEqual(throughB);
    expect(by('b')).toEqual(throughA);
    expect(by('a', 'b')).toEqual(throughA);
  });

  it('reaches a subnet that it serves itself without a detour, and forwards for others what was approved', () => {
    const routes = [
      { prefix: '10.0.0.0/8', approved: true, primary: false },
      { prefix: '10.9.0.0/16', approved: false, primary: false },
    ];
    const netmap = netmapOf({ ...self, routes }, ...PEERS, ...ROUTES);
    expect(allowedIps(netmap, { ...CHOICES, acceptRoutes: true })).toEqual({ a: OWN_A, b: OWN_B });
    expect(desiredState(netmap, { ...CHOICES, acceptRoutes: true }).served).toEqual(['10.0.0.0/8']);
  });

  it.each([
    ['has not approved yet', netmapOf({ ...self, approved: false }, ...PEERS)],
    ['has expired', netmapOf({ ...self, expired: true }, ...PEERS)],
    ['does not know any more', netmapOf(...PEERS)],
    ['has told nothing', netmapOf()],
  ])('talks to nobody as a node that the tailnet %s', (_, netmap) => {
    expect(desiredState(netmap, { ...CHOICES, acceptRoutes: true })).toBe(emptyEngineState);
  });
});
