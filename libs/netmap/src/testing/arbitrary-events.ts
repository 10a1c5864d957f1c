import fc from 'fast-check';
import { ROLES } from '#policy';
import type { EventType, RawEvent, TailnetEvent } from '#tailnet';
import { sampleKey } from '#tailnet/testing';

/** One event per member; events that make no sense where they happen are part of the game. */
const event = <T extends EventType>(type: T, data: fc.Arbitrary<TailnetEvent<T>['data']>): fc.Arbitrary<RawEvent> =>
  data.map((value) => ({ type, version: 1, data: value }));

const numbered = (kind: string, count: number) => fc.nat(count - 1).map((n) => `${kind}${n}`);
const logins = ['ann@a.example', 'bob@a.example', 'cat@b.example', 'dan@b.example'];
const user = fc.nat(logins.length - 1).map((n) => `u${n}`);
const tag = fc.constantFrom('tag:web', 'tag:db', 'tag:router');
const tags = fc.uniqueArray(tag, { maxLength: 2 }).map((list) => list.sort());
const group = fc.constantFrom('group:dev', 'group:ops', 'group:synced');
const prefix = fc.constantFrom(
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.2.0.0/16',
  '192.168.1.0/24',
  'fd00:1::/64',
  '0.0.0.0/0',
  '::/0',
);
const name = fc.constantFrom('laptop', 'server', 'box');
const expiry = fc.option(fc.integer({ min: 1, max: 9 }), { nil: null });

const place = fc.constantFrom(
  ...['*', 'autogroup:member', 'autogroup:tagged', 'autogroup:admin', 'group:dev', 'group:ops', 'group:synced'],
  ...['tag:web', 'tag:db', 'tag:router', ...logins, '*@a.example'],
  ...['10.1.0.0/16', '10.1.2.3', '192.168.0.0/16', '100.64.0.0/29', '100.64.0.3', 'fd7a::4', '172.16.0.0/12'],
);
const person = fc.constantFrom('autogroup:member', 'group:dev', 'group:ops', ...logins);
const ports = fc.constantFrom('*', '22', '80,443', '8000-8080');

const acl = fc
  .oneof(
    { weight: 6, arbitrary: fc.tuple(fc.uniqueArray(place, { minLength: 1, maxLength: 3 }), place) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.uniqueArray(person, { minLength: 1, maxLength: 2 }), fc.constant('autogroup:self')),
    },
    { weight: 1, arbitrary: fc.tuple(fc.tuple(place), fc.constant('autogroup:internet')) },
  )
  .chain(([src, to]) => {
    const action = fc.oneof(
      { weight: 9, arbitrary: fc.constant('accept') },
      { weight: 1, arbitrary: fc.constant('drop') },
    );
    return fc.record({ action, src: fc.constant(src), dst: ports.map((on) => [`${to}:${on}`]) });
  });
const grant = fc.record({
  src: fc.uniqueArray(place, { minLength: 1, maxLength: 2 }),
  dst: fc.constantFrom(['10.0.0.0/8'], ['autogroup:internet'], ['10.1.0.0/16']),
  ip: fc.constant(['*']),
  via: fc.constantFrom(['tag:router'], ['tag:web', 'tag:router']),
});

/** Policies of a few rules over a small vocabulary, so that rules meet nodes, and one version meets the next. */
export const arbitraryPolicy: fc.Arbitrary<string> = fc
  .record({
    groups: fc.record({
      'group:dev': fc.subarray(logins),
      'group:ops': fc.subarray(logins),
    }),
    acls: fc.array(acl, { maxLength: 5 }),
    grants: fc.array(grant, { maxLength: 1 }),
  })
  .map((policy) => JSON.stringify({ ...policy, tagOwners: { 'tag:web': [], 'tag:db': [], 'tag:router': [] } }));

/** Events over `nodes` nodes and a few users, groups and prefixes: about `steps` of them, at most twice that. */
export function arbitraryEvents(nodes: number, steps: number): fc.Arbitrary<readonly RawEvent[]> {
  const event = arbitraryEvent(nodes);
  const served = arbitraryRoute.map((data): RawEvent[] => [
    { type: 'RouteAdvertised', version: 1, data },
    { type: 'RouteApproved', version: 1, data: { ...data, by: 'admin' } },
  ]);
  const step = fc.oneof({ weight: 6, arbitrary: event.map((one) => [one]) }, { weight: 1, arbitrary: served });
  return fc.array(step, { minLength: Math.ceil(steps / 2), maxLength: steps, size: 'max' }).map((list) => list.flat());
}

/** Few routers, so that what one advertises is approved now and then. */
const arbitraryRoute = fc.record({ nodeId: numbered('n', 5), prefix });

function arbitraryEvent(nodes: number): fc.Arbitrary<RawEvent> {
  const node = numbered('n', nodes);
  const login = fc
    .record({
      nodeId: node,
      nodeKey: numbered('key', 5).map(sampleKey),
      hostname: name,
      os: fc.constantFrom('linux', 'macos'),
      owner: fc.oneof(
        user.map((userId) => ({ userId, tags: [] })),
        tags.map((list) => ({ tags: list })),
      ),
      ephemeral: fc.boolean(),
      approved: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      keyExpiresAt: expiry,
    })
    .map(({ owner, ...rest }) => ({ ...rest, ...owner }));
  const joined = fc.tuple(login, name).map(([data, label]) => ({
    ...data,
    machineKey: `machine-${data.nodeId}`,
    name: `${label}-${data.nodeId}`,
    ipv4: `100.64.0.${data.nodeId.slice(1)}`,
    ipv6: `fd7a::${Number(data.nodeId.slice(1)).toString(16)}`,
  }));
  const decision = fc
    .tuple(arbitraryRoute, fc.constantFrom('admin' as const, 'policy' as const))
    .map(([route, by]) => ({ ...route, by }));
  return fc.oneof(
    { weight: 6, arbitrary: event('NodeJoined', joined) },
    { weight: 2, arbitrary: event('NodeReauthenticated', login) },
    { weight: 2, arbitrary: event('NodeApproved', fc.record({ nodeId: node })) },
    { weight: 2, arbitrary: event('NodeRenamed', fc.record({ nodeId: node, name, pinned: fc.boolean() })) },
    {
      weight: 1,
      arbitrary: event('HostnameChanged', fc.record({ nodeId: node, hostname: name, os: fc.constant('bsd') })),
    },
    { weight: 4, arbitrary: event('NodeTagged', fc.record({ nodeId: node, tags })) },
    {
      weight: 2,
      arbitrary: event(
        'KeyRotated',
        fc.record({ nodeId: node, nodeKey: numbered('key', 9).map(sampleKey), keyExpiresAt: expiry }),
      ),
    },
    { weight: 2, arbitrary: event('NodeExpired', fc.record({ nodeId: node })) },
    { weight: 2, arbitrary: event('NodeExpiryChanged', fc.record({ nodeId: node, keyExpiresAt: expiry })) },
    {
      weight: 2,
      arbitrary: event('NodeRemoved', fc.record({ nodeId: node, reason: fc.constant('removed' as const) })),
    },
    { weight: 3, arbitrary: event('RouteAdvertised', arbitraryRoute) },
    { weight: 2, arbitrary: event('RouteWithdrawn', arbitraryRoute) },
    { weight: 3, arbitrary: event('RouteApproved', decision) },
    { weight: 2, arbitrary: event('RouteRevoked', decision) },
    { weight: 2, arbitrary: event('UserRoleChanged', fc.record({ userId: user, role: fc.constantFrom(...ROLES) })) },
    { weight: 1, arbitrary: event('UserSuspended', fc.record({ userId: user })) },
    { weight: 2, arbitrary: event('UserResumed', fc.record({ userId: user })) },
    {
      weight: 2,
      arbitrary: event('GroupSynced', fc.record({ group, members: fc.subarray(logins, { minLength: 1 }) })),
    },
    {
      weight: 3,
      arbitrary: event(
        'AclPublished',
        arbitraryPolicy.map((text) => ({ text })),
      ),
    },
    { weight: 1, arbitrary: event('SettingsChanged', fc.record({ deviceApproval: fc.boolean() })) },
    {
      weight: 1,
      arbitrary: event(
        'DnsConfigured',
        fc.record({
          magicDns: fc.boolean(),
          nameservers: fc.subarray(['1.1.1.1', '9.9.9.9']),
          searchDomains: fc.constant([]),
          splitDns: fc.constantFrom<Record<string, string[]>[]>(
            {},
            { 'b.example': ['10.0.0.53'], 'a.example': ['10.1.0.53'] },
          ),
          records: fc.constant([]),
        }),
      ),
    },
  );
}

/** What happens before the first random event: some of the nodes have joined. */
export const FOUNDING: readonly RawEvent[] = [
  {
    type: 'TailnetCreated',
    version: 1,
    data: { tailnetId: 't', name: 'test', dnsSuffix: 'test.netfold.internal', ula: 'fd7a::/48' },
  },
  ...logins.map((login, n) => ({
    type: 'UserJoined',
    version: 1,
    data: { userId: `u${n}`, login, displayName: login, role: n === 0 ? 'owner' : 'member' },
  })),
  { type: 'GroupSynced', version: 1, data: { group: 'group:synced', members: logins.slice(1, 3) } },
  ...Array.from({ length: 8 }, (_, n) => ({
    type: 'NodeJoined',
    version: 1,
    data: {
      ...{
        nodeId: `n${n}`,
        machineKey: `machine-n${n}`,
        nodeKey: sampleKey('key0'),
        name: `box-n${n}`,
        hostname: 'box',
        os: 'linux',
      },
      ...{ userId: `u${n % 4}`, tags: [], ipv4: `100.64.0.${n}`, ipv6: `fd7a::${n}` },
      ...{ ephemeral: false, approved: true, keyExpiresAt: null },
    },
  })),
];
