// A tailnet as events, made by arithmetic, so that each run measures the same one.
import { toBase64 } from '#kernel';

export const SIZES = { nodes: 10_000, users: 500, groups: 20, tags: 40, rules: 100 };

const range = (length) => Array.from({ length }, (_, i) => i);
const login = (i) => `user${i % SIZES.users}@example.com`;
const group = (i) => `group:g${i % SIZES.groups}`;
const tag = (i) => `tag:t${i % SIZES.tags}`;

function keyOf(kind, n) {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n);
  bytes[31] = kind;
  return toBase64(bytes);
}

export const peopleOf = () => [
  ['TailnetCreated', { tailnetId: 'bench', name: 'Bench', dnsSuffix: 'bench.internal', ula: 'fd7a:115c:a1e0::/48' }],
  ...range(SIZES.users).map((i) => [
    'UserJoined',
    { userId: `user_${i}`, login: login(i), displayName: '', role: 'member' },
  ]),
];

/** Half of them people's devices, half tagged; one in two hundred routes for a subnet, four are exit nodes. */
export const joinsOf = (from, to) => range(to - from).flatMap((i) => joinOf(from + i));

function joinOf(n) {
  const address = 0x64400000 + n + 1;
  const nodeId = `node_${n}`;
  const owner = n % 2 === 0 ? { userId: `user_${(n / 2) % SIZES.users}`, tags: [] } : { tags: [tag(n >> 1)] };
  const joined = {
    nodeId,
    machineKey: keyOf(1, n),
    nodeKey: keyOf(2, n),
    name: `node-${n}`,
    hostname: `node-${n}`,
    os: 'linux',
    ...owner,
    ipv4: [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.'),
    ipv6: `fd7a:115c:a1e0::${(n + 1).toString(16)}`,
    ephemeral: false,
    approved: true,
    keyExpiresAt: null,
  };
  const prefix = n % 2500 === 3 ? '0.0.0.0/0' : n % 200 === 1 ? `10.${(n / 200) | 0}.0.0/16` : undefined;
  const routes =
    prefix === undefined
      ? []
      : [
          ['RouteAdvertised', { nodeId, prefix }],
          ['RouteApproved', { nodeId, prefix, by: 'admin' }],
        ];
  return [['NodeJoined', joined], ...routes];
}

const accept = (src, dst, proto = 'tcp') => ({ action: 'accept', proto, src, dst });

/** Most rules join groups to tags; some are about subnets, the internet, tags among themselves and one's own devices. */
function rule(i, shift) {
  const port = 1 + ((i * 97 + shift) % 60_000);
  if (i % 50 === 0) return accept(['autogroup:member'], ['autogroup:self:*', `${tag(i)}:${port}`]);
  if (i % 33 === 0) return accept([group(i)], ['autogroup:internet:443']);
  if (i % 10 === 0) return accept([group(i * 3)], [`10.${i % 50}.0.0/16:*`]);
  if (i % 7 === 0) return accept([tag(i * 3)], [`${tag(i * 5)}:${port}`]);
  return accept([group(i * 3), group(i * 11)], [`${tag(i * 13)}:${port},${port + 1}`]);
}

function textOf(rules, absent) {
  const membersOf = (i) =>
    range(40)
      .map((j) => login(i * 7 + j * 31))
      .filter((member) => i !== 3 || member !== absent);
  const groups = Object.fromEntries(range(SIZES.groups).map((i) => [group(i), membersOf(i)]));
  const tagOwners = Object.fromEntries(range(SIZES.tags).map((i) => [tag(i), [group(i)]]));
  return JSON.stringify({ groups, tagOwners, acls: rules }, null, 1);
}

const rules = (shift = 0) => range(SIZES.rules).map((i) => rule(i, shift));

export const policyText = () => textOf(rules());
export const otherPolicy = () => textOf(rules(7));
export const changedPolicy = {
  withoutMember: () => textOf(rules(), login(21 + 31)),
  withOtherPort: () => textOf(rules().with(1, { ...rule(1, 0), dst: [`${tag(13)}:9999`] })),
  withRuleForAll: () => textOf([...rules(), accept(['*'], ['*:8080'])]),
};
