import { ROLES } from '#policy';
import type { CommandData, CommandType, TailnetCommand } from '../commands.js';
import type { Node } from '../nodes/node.js';
import { changeMakers } from './random-change.js';
import { sampleKey } from './sample-key.js';
import { SAMPLE_GROUPS, SAMPLE_PREFIXES, SAMPLE_TAGS, samplePolicy } from './sample-policies.js';
import { bySystem, type Chosen, entry, type Maker, pick, type Situation } from './situation.js';
import { loginOf, userId } from './tailnet-builder.js';

/** A step of a random history before it is known what there is to act upon. */
export interface Step extends Pick<Situation, 'a' | 'b' | 'c'> {
  readonly kind: keyof typeof MAKERS;
}

const USERS = 8;
const DAY = 86_400_000;

const byNode = <T extends CommandType>(node: Node, type: T, data: CommandData[T]): Chosen => ({
  command: { type, data } as TailnetCommand,
  actor: { kind: 'node', id: node.id },
});

const node = ({ state, a }: Situation): Node | undefined => entry(state.nodes, a);

const subset = <T>(items: readonly T[], bits: number): T[] => items.filter((_, i) => (bits >> i) & 1);

/** A command about a node, when there is one. */
const onNode =
  (make: (node: Node, situation: Situation) => Chosen | undefined): Maker =>
  (situation) => {
    const found = node(situation);
    return found && make(found, situation);
  };

const join: Maker = ({ state, a, b, c, serial, maxNodes }) => {
  if (state.nodes.size >= maxNodes) return undefined;
  const user = entry(state.users, a);
  const key = entry(
    state.authKeys.filter(({ revoked, reusable, uses }) => !revoked && (reusable || uses === 0)),
    b,
  );
  const proof = key && c % 2 ? { authKeyId: key.id, secretHash: key.secretHash } : user && { userId: user.id };
  if (!proof) return undefined;
  return bySystem('JoinNode', {
    nodeId: `node_${serial}`,
    machineKey: sampleKey(`machine ${serial}`),
    nodeKey: sampleKey(`node ${serial}`),
    hostname: pick(['laptop', 'Web Server', 'db', 'Zoë’s Mac', 'localhost', ''], b),
    os: pick(['linux', 'macos', 'windows'], c),
    proof,
    requestedTags: [],
    ephemeral: c % 5 === 0,
  });
};

const rejoin = onNode(({ id, machineKey, hostname, os }, { state, b, c, serial }) =>
  bySystem('JoinNode', {
    nodeId: id,
    machineKey,
    nodeKey: sampleKey(`node ${serial}`),
    hostname: c % 3 ? hostname : 'moved',
    os,
    proof: { userId: entry(state.users, b)?.id ?? '' },
    requestedTags: [],
    ephemeral: false,
  }),
);

const issueKey: Maker = ({ state, a, b, c, now, serial }) => {
  const tags = subset(SAMPLE_TAGS, b % 16);
  const owner = tags.length > 0 ? {} : { userId: entry(state.users, a)?.id ?? '' };
  return bySystem('IssueAuthKey', {
    keyId: `key_${serial}`,
    secretHash: sampleKey(`secret ${serial}`),
    ...owner,
    tags,
    reusable: c % 2 === 0,
    ephemeral: c % 3 === 0,
    preapproved: c % 5 === 0,
    expiresAt: c % 7 ? now + 90 * DAY : null,
    description: '',
  });
};

const route = (approve: boolean) =>
  onNode(({ id, routes }, { b }) => {
    const candidates = routes.filter(({ advertised, approved }) => advertised && approved !== approve);
    if (candidates.isEmpty()) return undefined;
    const prefix = candidates.keySeq().get(b % candidates.size, '');
    return bySystem(approve ? 'ApproveRoute' : 'RevokeRoute', { nodeId: id, prefix });
  });

const addUser: Maker = ({ state, a, b }) => {
  const missing = [...Array(USERS).keys()].map((i) => `user${i}`).filter((name) => !state.users.has(userId(name)));
  if (missing.length === 0) return undefined;
  const name = pick(missing, a);
  return bySystem('AddUser', { userId: userId(name), login: loginOf(name), displayName: '', role: pick(ROLES, b) });
};

/** How to make a command of each kind out of what there is. */
const PLAIN_MAKERS = {
  join,
  rejoin,
  issueKey,
  addUser,
  changeRole: ({ state, a, b }) =>
    bySystem('ChangeUserRole', { userId: entry(state.users, a)?.id ?? '', role: pick(ROLES, b) }),
  nameUser: ({ state, a, b }) =>
    bySystem('NameUser', { userId: entry(state.users, a)?.id ?? '', displayName: `Person ${b % 9}` }),
  suspendUser: ({ state, a }) => bySystem('SuspendUser', { userId: entry(state.users, a)?.id ?? '' }),
  resumeUser: ({ state, a }) => {
    const suspended = entry(
      state.users.filter((user) => user.suspended),
      a,
    );
    return suspended && bySystem('ResumeUser', { userId: suspended.id });
  },
  removeUser: ({ state, a }) => bySystem('RemoveUser', { userId: entry(state.users, a)?.id ?? '' }),
  erasePerson: ({ state, a, b }) => {
    const user = b % 8 === 0 ? entry(state.users, a) : undefined;
    return bySystem('ErasePerson', { personId: `person${a}`, ...(user && { userId: user.id }) });
  },
  syncGroup: ({ a, b }) =>
    bySystem('SyncGroup', {
      group: pick(SAMPLE_GROUPS, a),
      members: subset([...Array(USERS).keys()], b).map((i) => loginOf(`user${i}`)),
    }),
  revokeKey: ({ state, a }) => bySystem('RevokeAuthKey', { keyId: entry(state.authKeys, a)?.id ?? '' }),
  issueToken: ({ b, serial }) =>
    bySystem('IssueApiToken', {
      tokenId: `token_${serial}`,
      secretHash: sampleKey(`secret ${serial}`),
      role: pick(ROLES, b),
      description: '',
      expiresAt: null,
    }),
  revokeToken: ({ state, a }) => {
    const token = entry(state.apiTokens, a);
    return token && bySystem('RevokeApiToken', { tokenId: token.id });
  },
  approve: ({ state, a }) => {
    const waiting = entry(
      state.nodes.filter(({ approved }) => !approved),
      a,
    );
    return waiting && bySystem('ApproveNode', { nodeId: waiting.id });
  },
  rename: onNode(({ id }, { b, c, serial }) =>
    bySystem('RenameNode', { nodeId: id, name: c % 4 ? `name-${b % 4 ? serial : b % 3}` : null }),
  ),
  tag: onNode(({ id }, { b }) => bySystem('TagNode', { nodeId: id, tags: subset(SAMPLE_TAGS, 1 + (b % 15)) })),
  rotate: onNode((node, { serial }) => {
    if (node.expired) return undefined;
    return byNode(node, 'RotateKey', { nodeId: node.id, nodeKey: sampleKey(`node ${serial}`) });
  }),
  expire: onNode(({ id }) => bySystem('ExpireNode', { nodeId: id })),
  setExpiry: onNode(({ id }, { b, now }) =>
    bySystem('SetNodeExpiry', { nodeId: id, keyExpiresAt: b % 3 ? now + (b % 30) * DAY + 1 : null }),
  ),
  hostname: onNode((node, { b }) =>
    byNode(node, 'SetHostname', { nodeId: node.id, hostname: pick(['laptop', 'srv', 'db.local'], b), os: node.os }),
  ),
  remove: onNode(({ id }) => bySystem('RemoveNode', { nodeId: id, reason: 'removed' })),
  advertise: onNode((node, { b }) =>
    byNode(node, 'AdvertiseRoutes', { nodeId: node.id, prefixes: subset(SAMPLE_PREFIXES, b & (b >> 8)) }),
  ),
  approveRoute: route(true),
  revokeRoute: route(false),
  publish: ({ a }) => bySystem('PublishAcl', { text: samplePolicy(a) }),
  configureDns: ({ a, b }) =>
    bySystem('ConfigureDns', {
      magicDns: a % 4 !== 0,
      nameservers: subset(['1.1.1.1', '2620:fe::fe'], b),
      searchDomains: subset(['corp.example.com'], a),
      splitDns: b % 2 ? { 'corp.example.com': ['10.1.2.3'] } : {},
      records: [],
    }),
  raiseFloor: ({ a, b }) => bySystem('RaiseReleaseFloor', { level: 1 + (a % 3), release: `${b % 9}.0.0` }),
  changeSettings: ({ a, b }) =>
    bySystem('ChangeSettings', { deviceApproval: a % 4 === 0, keyExpiry: b % 2 ? 180 * DAY : 30 * DAY }),
  expireDue: () => bySystem('ExpireDue', {}),
} satisfies Record<string, Maker>;

const { publish, approveRoute, configureDns, rename, setExpiry, changeSettings, expire } = PLAIN_MAKERS;

export const MAKERS = {
  ...PLAIN_MAKERS,
  ...changeMakers([publish, approveRoute, rename, setExpiry, publish, configureDns, changeSettings, expire]),
} satisfies Record<string, Maker>;
