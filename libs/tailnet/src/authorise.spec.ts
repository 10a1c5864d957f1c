import { describe, expect, test } from '@jest/globals';
import { ROLES, type Role } from '#policy';
import { GRANTS, mayManage, mayRead, READS, type Reach, type ReadName } from './authorise.js';
import type { CommandActor, CommandData, CommandType, TailnetCommand } from './commands.js';
import { decide } from './decide.js';
import { DEFAULT_DNS } from './dns/dns-settings.js';
import { LATER } from './testing/given.js';
import { sampleKey } from './testing/sample-key.js';
import { aTailnet, loginOf, nodeId, theNode, theSystem, theToken, theUser, userId } from './testing/tailnet-builder.js';

// Everyone has the role that they are called by, a node, and a token of that role.
const tailnet = ROLES.reduce(
  (built, role) => built.withUser(role, role).withNode(role, { user: role }).withToken(role, role),
  aTailnet().withUser('stranger').withNode('stranger', { user: 'stranger' }).withAuthKey('k', { user: 'stranger' }),
);

/** A command of each type about something that belongs to `whose`. */
const commands: { [T in CommandType]: (whose: string) => CommandData[T] } = {
  CreateTailnet: () => ({ tailnetId: 't', name: 't', dnsSuffix: 't', ulaBytes: 'AQIDBAU=' }),
  ChangeSettings: () => ({ deviceApproval: true }),
  RaiseReleaseFloor: () => ({ level: 2, release: '2.0.0' }),
  AddUser: () => ({ userId: 'u', login: loginOf('u'), displayName: 'u', role: 'member' }),
  NameUser: () => ({ userId: userId('stranger'), displayName: 'Stranger' }),
  ChangeUserRole: () => ({ userId: userId('stranger'), role: 'auditor' }),
  SuspendUser: () => ({ userId: userId('stranger') }),
  ResumeUser: () => ({ userId: userId('stranger') }),
  RemoveUser: () => ({ userId: userId('stranger') }),
  ErasePerson: () => ({ personId: 'person', userId: userId('stranger') }),
  SyncGroup: () => ({ group: 'group:g', members: [loginOf('u')] }),
  IssueAuthKey: () => ({
    keyId: 'key',
    secretHash: sampleKey('x'),
    tags: ['tag:x'],
    reusable: false,
    ephemeral: false,
    preapproved: false,
    expiresAt: null,
    description: '',
  }),
  RevokeAuthKey: () => ({ keyId: 'key_k' }),
  IssueApiToken: () => ({
    tokenId: 'token',
    secretHash: sampleKey('x'),
    role: 'member',
    description: '',
    expiresAt: null,
  }),
  RevokeApiToken: () => ({ tokenId: 'token_member' }),
  JoinNode: (whose) => ({
    nodeId: 'node',
    machineKey: sampleKey('m'),
    nodeKey: sampleKey('n'),
    hostname: 'h',
    os: 'linux',
    proof: { userId: userId(whose) },
    requestedTags: [],
    ephemeral: false,
  }),
  ApproveNode: (whose) => ({ nodeId: nodeId(whose) }),
  RenameNode: (whose) => ({ nodeId: nodeId(whose), name: 'fresh' }),
  TagNode: (whose) => ({ nodeId: nodeId(whose), tags: ['tag:x'] }),
  RotateKey: (whose) => ({ nodeId: nodeId(whose), nodeKey: sampleKey('fresh') }),
  ExpireNode: (whose) => ({ nodeId: nodeId(whose) }),
  SetNodeExpiry: (whose) => ({ nodeId: nodeId(whose), keyExpiresAt: null }),
  SetHostname: (whose) => ({ nodeId: nodeId(whose), hostname: 'h', os: 'linux' }),
  RemoveNode: (whose) => ({ nodeId: nodeId(whose), reason: 'removed' }),
  ExpireDue: () => ({}),
  AdvertiseRoutes: (whose) => ({ nodeId: nodeId(whose), prefixes: [] }),
  ApproveRoute: (whose) => ({ nodeId: nodeId(whose), prefix: '10.0.0.0/8' }),
  RevokeRoute: (whose) => ({ nodeId: nodeId(whose), prefix: '10.0.0.0/8' }),
  PublishAcl: () => ({ text: '{}' }),
  ConfigureDns: () => DEFAULT_DNS,
  SetReviewRules: () => ({ rules: [] }),
  ProposeChange: () => ({ changeId: 'c', title: 't', reason: '', commands: [], lasts: null }),
  ReviewChange: () => ({ changeId: 'c', verdict: 'approve', impactDigest: '', comment: '' }),
  LapseApprovals: () => ({ changeId: 'c', impactDigest: '' }),
  ScheduleChange: () => ({ changeId: 'c', at: null }),
  ApplyChange: () => ({ changeId: 'c', impactDigest: '' }),
  WithdrawChange: () => ({ changeId: 'c' }),
  ExpireChange: () => ({ changeId: 'c', commands: [] }),
  FailChange: () => ({ changeId: 'c', stage: 'open', code: 'x', message: '' }),
  AcknowledgeOverride: () => ({ overrideId: 'o' }),
};
const types = Object.keys(commands) as CommandType[];

function isForbidden(actor: CommandActor, type: CommandType, whose: string, state = tailnet.state): boolean {
  const command = { type, data: commands[type](whose) } as TailnetCommand;
  const decision = decide(state, { id: 'c', now: LATER, actor, command });
  return !decision.ok && decision.error.code === 'auth.forbidden';
}

/** The commands that this actor may give about its own things, and about a stranger's. */
const allowed = (actor: CommandActor, self: string) => ({
  own: types.filter((type) => !isForbidden(actor, type, self)),
  others: types.filter((type) => !isForbidden(actor, type, 'stranger')),
});

const people: CommandType[] = ['AddUser', 'ChangeUserRole', 'SuspendUser', 'ResumeUser', 'RemoveUser', 'SyncGroup'];
const erasure: CommandType[] = ['ErasePerson'];
const authKeys: CommandType[] = ['IssueAuthKey', 'RevokeAuthKey'];
const tokens: CommandType[] = ['IssueApiToken', 'RevokeApiToken'];
const devices: CommandType[] = ['ApproveNode', 'RenameNode', 'TagNode', 'ExpireNode', 'SetNodeExpiry', 'RemoveNode'];
const network: CommandType[] = ['ApproveRoute', 'RevokeRoute', 'PublishAcl', 'ConfigureDns'];
const changes: CommandType[] = ['ProposeChange', 'LapseApprovals', 'ScheduleChange', 'ApplyChange', 'WithdrawChange'];
const review: CommandType[] = ['ReviewChange', 'AcknowledgeOverride'];
const rules: CommandType[] = ['SetReviewRules'];
const ownDevices: CommandType[] = ['JoinNode', 'RenameNode', 'TagNode', 'ExpireNode', 'RemoveNode'];

/** What each role may do to anything; said here in sentences, in the code as a table. */
const everywhere: Record<Role, CommandType[]> = {
  owner: [
    'ChangeSettings',
    ...people,
    ...erasure,
    ...authKeys,
    ...tokens,
    ...devices,
    ...network,
    ...rules,
    ...changes,
    ...review,
  ],
  admin: [
    'ChangeSettings',
    ...people,
    ...erasure,
    ...authKeys,
    ...tokens,
    ...devices,
    ...network,
    ...rules,
    ...changes,
    ...review,
  ],
  'it-admin': ['ChangeSettings', ...people, ...authKeys, ...devices, ...changes, ...review],
  'network-admin': [...authKeys, 'TagNode', ...network, ...changes, ...review],
  'billing-admin': [],
  auditor: review,
  member: [],
};

const sorted = (all: readonly CommandType[]) => [...new Set(all)].sort();

describe('who may do what', () => {
  test.each(ROLES)('a user who is %s', (role) => {
    const { own, others } = allowed(theUser(role), role);
    expect(sorted(others)).toEqual(sorted(everywhere[role]));
    expect(sorted(own)).toEqual(sorted([...everywhere[role], ...ownDevices]));
  });

  test.each(ROLES)('a token whose role is %s has nothing of its own', (role) => {
    const { own, others } = allowed(theToken(role), role);
    expect(sorted(others)).toEqual(sorted(everywhere[role]));
    expect(sorted(own)).toEqual(sorted(everywhere[role]));
  });

  test.each(ROLES)('a token of somebody’s with the role %s does what both the role and the person may', (role) => {
    for (const person of ROLES) {
      const owned = tailnet.withToken('owned', role, null, person);
      const may = (actor: CommandActor) => {
        const forbids = (type: CommandType, whose: string) => isForbidden(actor, type, whose, owned.state);
        return types.filter((type) => type !== 'JoinNode' && !forbids(type, person));
      };
      const roleAlone = new Set([...everywhere[role], ...ownDevices]);
      expect(may(theToken('owned'))).toEqual(may(theUser(person)).filter((type) => roleAlone.has(type)));
    }
  });

  test('a token of somebody’s stops with that person', () => {
    const command: TailnetCommand = { type: 'RemoveNode', data: { nodeId: nodeId('stranger'), reason: 'removed' } };
    const owned = tailnet.withToken('owned', 'admin', null, 'admin');
    const code = ({ state }: typeof owned) => {
      const decision = decide(state, { id: 'c', now: LATER, actor: theToken('owned'), command });
      return decision.ok ? 'ok' : decision.error.code;
    };
    expect(code(owned)).toBe('ok');
    expect(code(owned.with('UserSuspended', { userId: userId('admin') }))).toBe('auth.suspended');
    expect(code(owned.with('UserRemoved', { userId: userId('admin') }))).toBe('auth.unknown_actor');
    expect(code(owned.with('UserRoleChanged', { userId: userId('admin'), role: 'member' }))).toBe('auth.forbidden');
  });

  test('a token of a person who was demoted makes nobody above that person', () => {
    const demoted = tailnet.withToken('owned', 'owner', null, 'it-admin').state;
    const add = (role: Role) => {
      const data = { userId: 'u', login: loginOf('u'), displayName: 'u', role };
      return decide(demoted, { id: 'c', now: LATER, actor: theToken('owned'), command: { type: 'AddUser', data } });
    };
    expect(add('member').ok).toBe(true);
    expect(add('admin')).toMatchObject({ error: { code: 'auth.role_out_of_reach' } });
  });

  test('a node acts on itself only', () => {
    const { own, others } = allowed(theNode('member'), 'member');
    expect(sorted(own)).toEqual(['AdvertiseRoutes', 'ExpireNode', 'RemoveNode', 'RotateKey', 'SetHostname']);
    expect(others).toEqual([]);
  });

  test('the system may do everything', () => {
    expect(allowed(theSystem, 'member').others).toEqual(types);
  });

  test('the table has a row for every command', () => {
    expect(sorted(Object.keys(GRANTS) as CommandType[])).toEqual(sorted(types));
  });

  test('who is not known may do nothing', () => {
    const command: TailnetCommand = { type: 'ExpireNode', data: { nodeId: nodeId('member') } };
    for (const kind of ['user', 'token', 'node'] as const) {
      const decision = decide(tailnet.state, { id: 'c', now: LATER, actor: { kind, id: 'ghost' }, command });
      expect(decision).toMatchObject({ error: { code: 'auth.unknown_actor' } });
    }
  });
});

describe('who may read what', () => {
  const everything = Object.keys(READS) as ReadName[];
  const reach = (role: Role) => Object.fromEntries(everything.map((what) => [what, mayRead(what, [role])]));
  const all = Object.fromEntries(everything.map((what) => [what, 'any']));
  const nothing = Object.fromEntries(everything.map((what) => [what, 'no']));

  test.each<[Role, Partial<Record<ReadName, Reach>>]>([
    ['owner', all],
    ['admin', all],
    // Working everything out anew is work for the server, and no look at the network.
    ['it-admin', { ...all, projections: 'no' }],
    ['network-admin', { ...all, projections: 'no' }],
    ['auditor', { ...all, projections: 'no' }],
    ['billing-admin', { tailnet: 'any', users: 'any', nodes: 'own' }],
    ['member', { tailnet: 'any', users: 'own', nodes: 'own', netmaps: 'own' }],
  ])('%s', (role, expected) => expect(reach(role)).toEqual({ ...nothing, ...expected }));

  test('with two roles, what both may; with none, nothing', () => {
    expect(mayRead('nodes', ['owner', 'member'])).toBe('own');
    expect(mayRead('ledger', ['billing-admin', 'owner'])).toBe('no');
    expect(mayRead('tailnet', [])).toBe('no');
  });
});

describe('mayManage', () => {
  test.each<[Role | 'node' | 'system', readonly Role[]]>([
    ['system', ROLES],
    ['owner', ROLES],
    ['admin', ROLES.filter((role) => role !== 'owner')],
    ['it-admin', ['auditor', 'member']],
    ['network-admin', []],
    ['billing-admin', []],
    ['auditor', []],
    ['member', []],
    ['node', []],
  ])('%s decides about %j', (standing, roles) => {
    expect(ROLES.filter((role) => mayManage(standing, role))).toEqual(roles);
  });
});
