import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FilterPeer, FilterRule } from '#filter';
import { type EngineState, emptyEngineState, type TunnelPeer } from './engine-state.js';
import { plan } from './plan.js';
import { applyStrictly } from './testing.js';

// A universe so small that states collide all the time: addresses and keys pass from peer to peer, labels to and fro.
const IDS = ['n1', 'n2', 'n3'];
const ADDRESSES = ['a', 'b', 'c', 'd'];
const LABELS = ['x', 'y'];
const USERS = ['u', 'v'];
const PORTS = [1, 2];

const some = <T>(members: readonly T[]) => fc.subarray([...members]);

const tunnel = fc.record({
  keys: fc.shuffledSubarray(['k1', 'k2', 'k3', 'k4'], { minLength: 3 }),
  owners: fc.tuple(...ADDRESSES.map(() => fc.option(fc.constantFrom(...IDS)))),
  present: some(IDS),
});

const peersOf = ({ keys, owners, present }: typeof tunnel extends fc.Arbitrary<infer T> ? T : never) =>
  new Map<string, TunnelPeer>(
    present.map((id) => {
      const allowedIps = ADDRESSES.filter((_, i) => owners[i] === id);
      return [id, { id, nodeKey: keys[IDS.indexOf(id)] ?? '', allowedIps }];
    }),
  );

const sender = fc.record({
  id: fc.constantFrom(...IDS),
  addresses: some(ADDRESSES),
  labels: some(LABELS),
  user: fc.option(fc.constantFrom(...USERS), { nil: undefined }),
});

const rule = fc.record({
  id: fc.constantFrom('r1', 'r2', 'r3'),
  src: fc.uniqueArray(
    fc.oneof(
      fc.constant({ kind: 'any' } as const),
      fc.constant({ kind: 'same-user' } as const),
      fc.constantFrom(...LABELS).map((label) => ({ kind: 'label', label }) as const),
      fc.constantFrom(...ADDRESSES).map((prefix) => ({ kind: 'prefix', prefix }) as const),
    ),
    { selector: (src) => JSON.stringify(src) },
  ),
  dst: fc.oneof(
    fc.constant({ kind: 'self' } as const),
    fc.constantFrom(...ADDRESSES).map((prefix) => ({ kind: 'prefix', prefix }) as const),
  ),
  protocols: fc.constant([]),
  ports: fc.constantFrom(...PORTS).map((port) => [{ first: port, last: port }]),
});

const byId = <T extends { id: string }>(items: readonly T[]) => new Map(items.map((item) => [item.id, item]));

const dns = fc.option(
  fc.constantFrom('d1', 'd2').map((domain) => ({
    kind: 'dns' as const,
    id: 'tailnet' as const,
    domain,
    enabled: true,
    nameservers: [],
    routes: [],
    searchDomains: [],
    records: [],
  })),
  { nil: undefined },
);

const state: fc.Arbitrary<EngineState> = fc.record({
  addresses: some(ADDRESSES),
  routes: some(['p', 'q', 'r']),
  served: some(['s', 't']),
  peers: tunnel.map(peersOf),
  self: fc.record({
    addresses: some(ADDRESSES),
    user: fc.option(fc.constantFrom(...USERS), { nil: undefined }),
  }),
  senders: fc.uniqueArray(sender, { selector: ({ id }) => id }).map(byId),
  rules: fc.uniqueArray(rule, { selector: ({ id }) => id }).map(byId),
  dns,
});

/** Two states with much in common: the second keeps some parts of the first. */
const pair = fc
  .tuple(state, state, some(['peers', 'self', 'senders', 'rules', 'routes', 'served', 'addresses'] as const))
  .map(([a, b, kept]) => [a, { ...b, ...Object.fromEntries(kept.map((part) => [part, a[part]])) }] as const);

/** The slow obvious twin of engine and filter: every flow that the state lets in. */
function permitted(state: EngineState): Set<string> {
  const flows = new Set<string>();
  for (const peer of state.peers.values()) {
    for (const source of peer.allowedIps) {
      const from = state.senders.get(peer.id);
      if (!from) continue;
      for (const target of ADDRESSES) {
        for (const rule of state.rules.values()) {
          if (!reaches(rule, target, state) || !selects(rule, from, source, state)) continue;
          for (const { first } of rule.ports) flows.add(`${peer.id} ${source} > ${target}:${first}`);
        }
      }
    }
  }
  return flows;
}

const reaches = ({ dst }: FilterRule, target: string, { self }: EngineState): boolean =>
  dst.kind === 'self' ? self.addresses.includes(target) : dst.prefix === target;

const selects = ({ src }: FilterRule, from: FilterPeer, source: string, { self }: EngineState): boolean =>
  src.some((selector) => {
    if (selector.kind === 'any') return true;
    if (selector.kind === 'prefix') return selector.prefix === source;
    if (!from.addresses.includes(source)) return false;
    return selector.kind === 'label'
      ? from.labels.includes(selector.label)
      : from.user !== undefined && from.user === self.user;
  });

const isWithin = (inner: Set<string>, outer: Set<string>): boolean => [...inner].every((flow) => outer.has(flow));

/** Independent of the order of lists and maps. */
const canonical = ({ addresses, routes, peers, self, senders, rules, dns }: EngineState) => ({
  addresses: addresses.toSorted(),
  routes: routes.toSorted(),
  peers: [...peers.values()].map((peer) => ({ ...peer, allowedIps: peer.allowedIps.toSorted() })).sort(order),
  self: { ...self, addresses: self.addresses.toSorted() },
  senders: [...senders.values()]
    .map((from) => ({ ...from, addresses: from.addresses.toSorted(), labels: from.labels.toSorted() }))
    .sort(order),
  rules: [...rules.values()].sort(order),
  dns,
});

const order = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

describe('plan', () => {
  it('takes an engine from any state to any other', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(canonical(plan(a, b).reduce(applyStrictly, a))).toEqual(canonical(b));
      }),
      { numRuns: 500 },
    );
  });

  it('has nothing to do where nothing changed, be it the same object or an equal one', () => {
    fc.assert(
      fc.property(state, (a) => {
        expect(plan(a, a)).toEqual([]);
        expect(plan(a, { ...structuredClone(a), dns: a.dns })).toEqual([]);
      }),
    );
  });

  it('never permits on the way what neither end permits, and first drops all that the end denies', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [before, after] = [permitted(a), permitted(b)];
        let engine = a;
        let grown = false;
        for (const operation of plan(a, b)) {
          const earlier = permitted(engine);
          engine = applyStrictly(engine, operation);
          const now = permitted(engine);
          expect(isWithin(now, before) || isWithin(now, after)).toBe(true);
          grown ||= !isWithin(now, earlier);
          if (grown) expect(isWithin(now, after)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves peers alone whose key and addresses stay, and renews keys without removing anybody', () => {
    const peer = (id: string, nodeKey: string): TunnelPeer => ({ id, nodeKey, allowedIps: [`${id}/32`] });
    const a = { ...emptyEngineState, peers: byId([peer('n1', 'k1'), peer('n2', 'k2')]) };
    const b = { ...emptyEngineState, peers: byId([peer('n1', 'k1'), peer('n2', 'k9')]) };
    expect(plan(a, b)).toEqual([{ kind: 'replace-peer-key', id: 'n2', from: 'k2', to: 'k9' }]);
  });

  it('moves a route to the other router by taking it from the first before giving it to the second', () => {
    const at = (one: string[], two: string[]): EngineState => ({
      ...emptyEngineState,
      peers: byId([
        { id: 'n1', nodeKey: 'k1', allowedIps: one },
        { id: 'n2', nodeKey: 'k2', allowedIps: two },
      ]),
    });
    const subnet = '192.168.7.0/24';
    expect(plan(at(['1/32', subnet], ['2/32']), at(['1/32'], ['2/32', subnet])).map(({ kind }) => kind)).toEqual([
      'set-allowed-ips',
      'set-allowed-ips',
    ]);
  });
});
