import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PacketFilter } from '#filter';
import { parseAddress } from '#net';
import type { PeerItem, RouteItem, RuleItem, SelfItem } from '#netmap';
import { type PacketEnd, permits, type Selector } from '#policy';
import { desiredState } from './desired-state.js';

// What the filter of a node lets in must be what the policy means, packet by packet: `permits` is the meaning, and
// this is the long way to the same answer, through the netmap, the plan and the filter.

const LABELS = ['group:a', 'tag:b', 'autogroup:member'];
const SUBNET = '192.168.7.0/24';
const SERVED = '10.1.0.0/24';
const PREFIXES = [
  '100.64.0.0/30',
  '100.64.0.2/32',
  '192.168.7.8/29',
  '192.168.0.0/16',
  '8.0.0.0/8',
  '10.0.0.0/8',
  '0.0.0.0/0',
];
const PORTS = [{ first: 80, last: 81 }];

const plain: fc.Arbitrary<Selector> = fc.oneof(
  fc.constantFrom<Selector>({ kind: 'any' }, { kind: 'everything' }, { kind: 'internet' }),
  fc.constantFrom(...LABELS).map((label): Selector => ({ kind: 'label', label })),
  fc.constantFrom(...PREFIXES).map((prefix): Selector => ({ kind: 'prefix', prefix })),
);

const conditional = (of: fc.Arbitrary<Selector>): fc.Arbitrary<Selector> =>
  fc.record({
    kind: fc.constant('where' as const),
    label: fc.constant('where:1'),
    of,
    within: fc.array(plain, { maxLength: 1 }),
    except: fc.array(plain, { maxLength: 2 }),
  });

const destination = fc.oneof(plain, fc.constant<Selector>({ kind: 'same-user' }));

const rule: fc.Arbitrary<RuleItem> = fc.record({
  kind: fc.constant('rule' as const),
  id: fc.constant('r'),
  src: fc.array(fc.oneof(plain, conditional(plain)), { minLength: 1, maxLength: 2 }),
  dst: fc.oneof(destination, conditional(destination)),
  protocols: fc.constantFrom([], [17], [6]),
  ports: fc.constant(PORTS),
  via: fc.constantFrom([], [], ['tag:b']),
});

const labels = fc.subarray(LABELS).map((some) => [...some, 'where:1']);
const user = fc.constantFrom('alice', 'bob', undefined);

const node = (number: number) => ({
  name: `n${number}`,
  dnsName: '',
  ipv4: `100.64.0.${number}`,
  ipv6: `fd00::${number}`,
  nodeKey: `key${number}`,
});

const scene = fc
  .record({
    rule,
    me: fc.record({ labels, user, exit: fc.boolean() }),
    peers: fc.tuple(fc.record({ labels, user }), fc.record({ labels, user })),
    exitNode: fc.constantFrom(undefined, 'p2'),
  })
  .map(({ rule, me, peers, exitNode }) => {
    const tags = me.labels.filter((label) => label.startsWith('tag:'));
    const approved = [SERVED, ...(me.exit ? ['0.0.0.0/0'] : [])];
    const self: SelfItem = {
      kind: 'self',
      id: 'self',
      ...node(9),
      tags,
      user: me.user,
      labels: me.labels,
      keyExpiresAt: undefined,
      approved: true,
      expired: false,
      suspended: false,
      routes: approved.map((prefix) => ({ prefix, approved: true, primary: true })),
    };
    const items = peers.map(
      (peer, i): PeerItem => ({ kind: 'peer', id: `p${i + 1}`, ...node(i + 1), ...peer, tags: [], os: 'linux' }),
    );
    const routes: RouteItem[] = [
      { kind: 'route', id: SUBNET, prefix: SUBNET, via: 'p1', standby: [] },
      { kind: 'route', id: '0.0.0.0/0@p2', prefix: '0.0.0.0/0', via: 'p2', standby: [] },
    ];
    return { rule, self, peers: items, routes, exitNode };
  });

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** Everything that a packet can come from, and the id of the peer that brings it. */
function senders({ peers, exitNode }: Scene): [peer: string, end: PacketEnd][] {
  const [router, gateway] = peers;
  const end = ({ labels, user }: PeerItem, address: string, own: boolean, exit = false): PacketEnd => ({
    address,
    own,
    exit,
    labels: new Set(labels),
    user,
  });
  const found = peers.map((peer): [string, PacketEnd] => [peer.id, end(peer, peer.ipv4, true)]);
  if (router)
    for (const address of ['192.168.7.1', '192.168.7.9']) found.push([router.id, end(router, address, false)]);
  if (gateway && exitNode)
    for (const address of ['8.8.8.8', '10.9.9.9']) found.push([gateway.id, end(gateway, address, false, true)]);
  return found;
}

/** Everything that a packet can be for at this node. */
function receivers({ self }: Scene): PacketEnd[] {
  const labels = new Set(self.labels);
  const end = (address: string, own: boolean, exit = false): PacketEnd => ({
    address,
    own,
    exit,
    labels,
    user: self.user,
  });
  const served = self.routes.some(({ prefix }) => prefix === '0.0.0.0/0');
  return [
    end(self.ipv4, true),
    end('10.1.0.5', false),
    ...(served ? [end('8.8.4.4', false, true), end('10.9.0.1', false, true)] : []),
  ];
}

function udp(from: string, to: string, port: number): Uint8Array {
  const packet = new Uint8Array(28);
  packet.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17]);
  packet.set(parseAddress(from), 12);
  packet.set(parseAddress(to), 16);
  packet.set([0x13, 0x88, port >> 8, port & 0xff, 0, 8], 20);
  return packet;
}

describe('the filter that a netmap asks for', () => {
  it('lets in exactly what the policy means', () => {
    let allowed = 0;
    fc.assert(
      fc.property(scene, (one) => {
        const items = [one.self, one.rule, ...one.peers, ...one.routes];
        const netmap = new Map(items.map((item) => [`${item.kind}/${item.id}`, item]));
        const {
          rules,
          senders: known,
          self,
        } = desiredState(netmap, { acceptRoutes: true, acceptDns: true, exitNode: one.exitNode });
        const filter = new PacketFilter({ seed: 1, flows: 64, fragments: 1 });
        filter.configure({ self, rules: [...rules.values()], peers: [...known.values()] });
        for (const [peer, from] of senders(one)) {
          for (const to of receivers(one)) {
            for (const port of [80, 82]) {
              const packet = udp(from.address, to.address, port);
              const expected = permits(one.rule, { from, to, protocol: 17, port });
              const verdict = filter.inbound(0, peer, packet);
              if (expected !== verdict.allowed) {
                throw new Error(
                  `${from.address} > ${to.address}:${port}: policy ${expected}, filter ${verdict.reason}\n${JSON.stringify([...rules.values()])}`,
                );
              }
              if (expected) allowed++;
            }
          }
        }
      }),
      { numRuns: 800 },
    );
    expect(allowed).toBeGreaterThan(50);
  });
});
