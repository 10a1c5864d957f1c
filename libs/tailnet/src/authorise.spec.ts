import { describe, expect, test } from '@jest/globals';
import { ROLES, type Role } from '#policy';
import { GRANTS, mayManage } from './authorise.js';
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
  AddUser: () => ({ userId: 'u', login: loginOf('u'), displayName: 'u', role: 'member' }),
  ChangeUserRole: () => ({ userId: userId('stranger'), role: 'auditor' }),
  SuspendUser: () => ({ userId: userId('stranger') }),
  ResumeUser: () => ({ userId: userId('stranger') }),
  RemoveUser: () => ({ userId: userId('stranger') }),
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
};
const types = Object.keys(commands) as CommandType[];

function isForbidden(actor: CommandActor, type: CommandType, whose: string): boolean {
  const command = { type, data: commands[type](whose) } as TailnetCommand;
  const decision = decide(tailnet.state, { id: 'c', now: LATER, actor, command });
  return !decision.ok && decision.error.code === 'auth.forbidden';
}

/** The commands that this actor may give about its own things, and about a stranger's. */
const allowed = (actor: CommandActor, self: string) => ({
  own: types.filter((type) => !isForbidden(actor, type, self)),
  others: types.filter((type) => !isForbidden(actor, type, 'stranger')),
});

const people: CommandType[] = ['AddUser', 'ChangeUserRole', 'SuspendUser', 'ResumeUser', 'RemoveUser', 'SyncGroup'];
const authKeys: CommandType[] = ['IssueAuthKey', 'RevokeAuthKey'];
const tokens: CommandType[] = ['IssueApiToken', 'RevokeApiToken'];
const devices: CommandType[] = ['ApproveNode', 'RenameNode', 'TagNode', 'ExpireNode', 'SetNodeExpiry', 'RemoveNode'];
const network: CommandType[] = ['ApproveRoute', 'RevokeRoute', 'PublishAcl', 'ConfigureDns'];
const ownDevices: CommandType[] = ['JoinNode', 'RenameNode', 'TagNode', 'ExpireNode', 'RemoveNode'];

/** What each role may do to anything; said here in sentences, in the code as a table. */
const everywhere: Record<Role, CommandType[]> = {
  owner: ['ChangeSettings', ...people, ...authKeys, ...tokens, ...devices, ...network],
  admin: ['ChangeSettings', ...people, ...authKeys, ...tokens, ...devices, ...network],
  'it-admin': ['ChangeSettings', ...people, ...authKeys, ...devices],
  'network-admin': [...authKeys, 'TagNode', ...network],
  'billing-admin': [],
  auditor: [],
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
