import fc from 'fast-check';
import type { Subject } from '../subject.js';

/** Small worlds in which names, addresses and routes meet often. */
const USERS = ['ann@example.com', 'bob@example.com', 'cid@other.org'];
const TAGS = ['tag:web', 'tag:db', 'tag:router'];
const SUBNETS = ['10.1.0.0/16', '10.1.2.0/24', 'fd00:1::/64'];
const EXIT_ROUTES = ['0.0.0.0/0', '::/0'];
const PREFIXES = [
  '10.0.0.0/8',
  '10.1.2.0/24',
  '10.1.2.3',
  '100.64.0.0/29',
  'fd7a:115c:a1e0::2',
  '8.8.8.0/24',
  '100.64.0.1-100.64.0.3',
];

const DEFINITIONS = {
  groups: { 'group:eng': ['ann@example.com', 'bob@example.com'], 'group:ops': ['cid@other.org'] },
  tagOwners: Object.fromEntries(TAGS.map((tag) => [tag, ['group:ops']])),
  hosts: { server: '100.64.0.2', office: '10.1.0.0/16' },
  ipsets: { 'ipset:net': ['10.0.0.0/8', 'remove 10.1.2.0/25'] },
  postures: { 'posture:safe': ["node:os == 'linux'"], 'posture:new': ["node:osVersion >= '2.10'"] },
};

const somePeople = fc.constantFrom(
  ...USERS,
  'group:eng',
  'group:ops',
  'autogroup:member',
  'user:*@example.com',
  'autogroup:admin',
);
const someNodes = fc.constantFrom(...TAGS, 'autogroup:tagged', 'server', 'office', 'ipset:net', ...PREFIXES);
const source = fc.oneof(somePeople, someNodes, fc.constantFrom('*', 'autogroup:danger-all'));
const destination = fc.oneof(somePeople, someNodes, fc.constantFrom('*', 'autogroup:internet'));
const sources = fc.uniqueArray(source, { minLength: 1, maxLength: 3 });
const destinations = fc.uniqueArray(destination, { minLength: 1, maxLength: 3 });
const posture = fc.option(fc.uniqueArray(fc.constantFrom('posture:safe', 'posture:new'), { minLength: 1 }), {
  nil: undefined,
  freq: 4,
});

const service = fc.constantFrom(
  { proto: undefined, ports: '*' },
  { proto: undefined, ports: '22' },
  { proto: 'tcp', ports: '20-30,80' },
  { proto: 'udp', ports: '53' },
  { proto: 'icmp', ports: '*' },
  { proto: '132', ports: '*' },
);

const ported = (names: readonly string[], ports: string) =>
  names.map((name) => (name.includes('::') ? `[${name}]:${ports}` : `${name}:${ports}`));

const acl = fc
  .record({
    action: fc.constantFrom('accept', 'accept', 'accept', 'drop'),
    src: sources,
    dst: destinations,
    service,
    srcPosture: posture,
  })
  .map(({ action, src, dst, service: { proto, ports }, srcPosture }) => ({
    action,
    src,
    dst: ported(dst, ports),
    ...(proto && { proto }),
    ...(srcPosture && { srcPosture }),
  }));

const selfAcl = fc
  .record({ src: fc.oneof(somePeople, fc.constant('*')).filter((name) => !name.startsWith('user:')), service })
  .map(({ src, service: { proto, ports } }) => ({
    action: 'accept',
    src: [src],
    dst: [`autogroup:self:${ports}`],
    ...(proto && { proto }),
  }));

const grant = fc
  .record({
    src: sources,
    dst: destinations,
    service,
    via: fc.option(fc.constantFrom(...TAGS), { nil: undefined }),
    srcPosture: posture,
  })
  .map(({ src, dst, service: { proto, ports }, via, srcPosture }) => ({
    src,
    dst,
    ip: [proto ? `${proto}:${ports}` : ports],
    ...(via && { via: [via] }),
    ...(srcPosture && { srcPosture }),
  }));

/** The JavaScript value of a valid policy file. */
export const randomPolicy = fc
  .record({
    acls: fc.array(fc.oneof({ weight: 4, arbitrary: acl }, { weight: 1, arbitrary: selfAcl }), { maxLength: 5 }),
    grants: fc.array(grant, { maxLength: 3 }),
    defaultSrcPosture: fc.constantFrom([], [], ['posture:safe']),
  })
  .map((sections) => ({ ...DEFINITIONS, ...sections }));

/** The nodes of a network; node n has 100.64.0.n and fd7a:115c:a1e0::n. */
export const randomSubjects: fc.Arbitrary<Subject[]> = fc
  .array(
    fc.record({
      owner: fc.oneof(
        fc.constantFrom(...USERS).map((user) => ({ user, tags: [] })),
        fc.uniqueArray(fc.constantFrom(...TAGS), { minLength: 1 }).map((tags) => ({ tags })),
      ),
      // Not both at one node: the reference names a prefix whole, and so lets more of it pass where a default route covers it.
      routes: fc.oneof(
        fc.uniqueArray(fc.constantFrom(...SUBNETS), { maxLength: 2 }),
        fc.uniqueArray(fc.constantFrom(...EXIT_ROUTES), { maxLength: 2 }),
      ),
      attributes: fc.record({
        'node:os': fc.constantFrom('linux', 'windows'),
        'node:osVersion': fc.constantFrom('2.9', '2.10.1'),
      }),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((nodes) =>
    nodes.map(({ owner, routes, attributes }, i) => ({
      id: `n${i + 1}`,
      ...owner,
      addresses: [`100.64.0.${i + 1}`, `fd7a:115c:a1e0::${i + 1}`],
      routes,
      attributes,
    })),
  );

/** Addresses that nodes may forward for: in subnets, on the internet, and private ones behind an exit node. */
export const FORWARDED = [
  '10.1.2.3',
  '10.1.2.200',
  '10.1.9.9',
  '10.9.9.9',
  'fd00:1::5',
  '8.8.8.8',
  '1.1.1.1',
  '2001:db8::1',
];
