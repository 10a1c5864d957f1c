import { err, ok, type Problem, type Result } from '#kernel';
import type { Role } from '#policy';
import type { CommandActor, CommandEnvelope, CommandType, TailnetCommand } from './commands.js';
import type { TailnetState } from './state.js';

/** As what an actor acts: with a user's or token's role, as a node, or as the system, which may do everything. */
export type Standing = Role | 'node' | 'system';

/** `any`: to everything; `own`: to the actor's own nodes (a node: to itself); `no`: not at all. */
export type Reach = 'any' | 'own' | 'no';

type Grants = Readonly<Record<Exclude<Standing, 'system'>, Reach>>;

const row = (...[owner, admin, it, network, billing, auditor, member, node]: Row): Grants => ({
  owner,
  admin,
  'it-admin': it,
  'network-admin': network,
  'billing-admin': billing,
  auditor,
  member,
  node,
});

type Row = [Reach, Reach, Reach, Reach, Reach, Reach, Reach, Reach];

/** Who may do what. */
// biome-ignore format: a table is read by its columns
export const GRANTS: Readonly<Record<CommandType, Grants>> = {
  //                   owner  admin  it     network billing auditor member node
  CreateTailnet:   row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'no'),
  ChangeSettings:  row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  RaiseReleaseFloor: row('no', 'no',  'no',  'no',  'no',  'no',  'no',  'no'),
  AddUser:         row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  NameUser:        row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'no'),
  ChangeUserRole:  row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  SuspendUser:     row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  ResumeUser:      row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  RemoveUser:      row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  ErasePerson:     row('any', 'any', 'no',  'no',  'no',  'no',  'no',  'no'),
  SyncGroup:       row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  IssueAuthKey:    row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  RevokeAuthKey:   row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  IssueApiToken:   row('any', 'any', 'no',  'no',  'no',  'no',  'no',  'no'),
  RevokeApiToken:  row('any', 'any', 'no',  'no',  'no',  'no',  'no',  'no'),
  JoinNode:        row('own', 'own', 'own', 'own', 'own', 'own', 'own', 'own'),
  ApproveNode:     row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  RenameNode:      row('any', 'any', 'any', 'own', 'own', 'own', 'own', 'no'),
  TagNode:         row('any', 'any', 'any', 'any', 'own', 'own', 'own', 'no'),
  RotateKey:       row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'own'),
  ExpireNode:      row('any', 'any', 'any', 'own', 'own', 'own', 'own', 'own'),
  SetNodeExpiry:   row('any', 'any', 'any', 'no',  'no',  'no',  'no',  'no'),
  SetHostname:     row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'own'),
  RemoveNode:      row('any', 'any', 'any', 'own', 'own', 'own', 'own', 'own'),
  ExpireDue:       row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'no'),
  AdvertiseRoutes: row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'own'),
  ApproveRoute:    row('any', 'any', 'no',  'any', 'no',  'no',  'no',  'no'),
  RevokeRoute:     row('any', 'any', 'no',  'any', 'no',  'no',  'no',  'no'),
  PublishAcl:      row('any', 'any', 'no',  'any', 'no',  'no',  'no',  'no'),
  ConfigureDns:    row('any', 'any', 'no',  'any', 'no',  'no',  'no',  'no'),
  SetReviewRules:  row('any', 'any', 'no',  'no',  'no',  'no',  'no',  'no'),
  ProposeChange:   row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  ReviewChange:    row('any', 'any', 'any', 'any', 'no',  'any', 'no',  'no'),
  LapseApprovals:  row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  ScheduleChange:  row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  ApplyChange:     row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  WithdrawChange:  row('any', 'any', 'any', 'any', 'no',  'no',  'no',  'no'),
  ExpireChange:    row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'no'),
  FailChange:      row('no',  'no',  'no',  'no',  'no',  'no',  'no',  'no'),
  AcknowledgeOverride: row('any', 'any', 'any', 'any', 'no', 'any', 'no', 'no'),
};

/** What there is to read. `own` of nodes: one's own and those that they see. */
export type ReadName =
  | 'tailnet'
  | 'nodes'
  | 'users'
  | 'policy'
  | 'credentials'
  | 'netmaps'
  | 'ledger'
  | 'delivery'
  | 'projections';

/** Who may read what. */
// biome-ignore format: a table is read by its columns
export const READS: Readonly<Record<ReadName, Grants>> = {
  //                   owner  admin  it     network billing auditor member node
  tailnet:         row('any', 'any', 'any', 'any', 'any', 'any', 'any', 'no'),
  nodes:           row('any', 'any', 'any', 'any', 'own', 'any', 'own', 'no'),
  users:           row('any', 'any', 'any', 'any', 'any', 'any', 'own', 'no'),
  policy:          row('any', 'any', 'any', 'any', 'no',  'any', 'no',  'no'),
  credentials:     row('any', 'any', 'any', 'any', 'no',  'any', 'no',  'no'),
  netmaps:         row('any', 'any', 'any', 'any', 'no',  'any', 'own', 'no'),
  ledger:          row('any', 'any', 'any', 'any', 'no',  'any', 'no',  'no'),
  delivery:        row('any', 'any', 'any', 'any', 'no',  'any', 'no',  'no'),
  projections:     row('any', 'any', 'no',  'no',  'no',  'no',  'no',  'no'),
};

const BELOW_ADMIN: readonly Role[] = ['network-admin', 'billing-admin', 'auditor', 'member'];

/** Which roles one may give, take away, or act upon: nobody makes or touches someone above themselves. */
const MANAGES: Readonly<Partial<Record<Standing, readonly Role[]>>> = {
  system: ['owner', 'admin', 'it-admin', ...BELOW_ADMIN],
  owner: ['owner', 'admin', 'it-admin', ...BELOW_ADMIN],
  admin: ['admin', 'it-admin', ...BELOW_ADMIN],
  'it-admin': ['auditor', 'member'],
};

/** Of a token's role and its user's, the one that decides about fewer others. */
const narrower = (token: Role, user: Role): Role =>
  (MANAGES[user]?.length ?? 0) < (MANAGES[token]?.length ?? 0) ? user : token;

export const mayManage = (standing: Standing, role: Role): boolean => MANAGES[standing]?.includes(role) ?? false;

export interface Authority {
  readonly standing: Standing;
  readonly reach: 'any' | 'own';
  /** The user who acts, or whose token does. */
  readonly person: string | undefined;
}

/** As what, and how far, this actor may do this; or why not. */
export function authorise(state: TailnetState, { actor, command, now }: CommandEnvelope): Result<Authority, Problem> {
  const found = standingOf(state, actor, command, now);
  if (!found.ok) return found;
  const standing = found.value;
  const person = personOf(state, actor);
  const reach = standing === 'system' ? 'any' : weakest(GRANTS[command.type], [standing, ...rolesOf(state, actor)]);
  if (reach === 'any' || (reach === 'own' && isOwn(state, actor, person, command))) {
    return ok({ standing, reach, person });
  }
  const what = reach === 'own' ? `may use ${command.type} for what is its own only` : `may not use ${command.type}`;
  return err({ code: 'auth.forbidden', message: `${describe(actor, standing)} ${what}` });
}

/** How far one reads who has all of these roles at once: a token's, and its user's. */
export const mayRead = (what: ReadName, roles: readonly Role[]): Reach => weakest(READS[what], roles);

/** How far one commands who has all of these roles at once. */
export const mayCommand = (type: CommandType, roles: readonly Role[]): Reach => weakest(GRANTS[type], roles);

function weakest(grants: Grants, standings: readonly (keyof Grants)[]): Reach {
  const reaches = standings.map((standing) => grants[standing]);
  return (['no', 'own', 'any'] as const).find((reach) => reaches.includes(reach)) ?? 'no';
}

/** A token does what its own role and the role of its user both allow. */
function rolesOf(state: TailnetState, { kind, id }: CommandActor): Role[] {
  const token = kind === 'token' ? state.apiTokens.get(id) : undefined;
  const user = state.users.get(token?.userId ?? '');
  return [token?.role, user?.role].filter((role) => role !== undefined);
}

function personOf(state: TailnetState, { kind, id }: CommandActor): string | undefined {
  if (kind === 'user') return id;
  return kind === 'token' ? state.apiTokens.get(id)?.userId : undefined;
}

function standingOf(
  state: TailnetState,
  actor: CommandActor,
  command: TailnetCommand,
  now: number,
): Result<Standing, Problem> {
  switch (actor.kind) {
    case 'system':
      return ok('system');
    case 'user':
      return userStanding(state, actor.id);
    case 'token':
      return tokenStanding(state, actor.id, now);
    case 'node':
      // A machine that joins is not a node yet.
      return command.type === 'JoinNode' ? ok('node') : nodeStanding(state, actor.id);
  }
}

function userStanding(state: TailnetState, userId: string): Result<Role, Problem> {
  const user = state.users.get(userId);
  if (!user) return err({ code: 'auth.unknown_actor', message: `there is no user ${userId}` });
  if (!user.suspended) return ok(user.role);
  return err({
    code: 'auth.suspended',
    message: `${user.login} is suspended`,
    hint: 'ask an admin to resume the user',
  });
}

function tokenStanding(state: TailnetState, tokenId: string, now: number): Result<Role, Problem> {
  const token = state.apiTokens.get(tokenId);
  if (!token) return err({ code: 'auth.unknown_actor', message: `there is no API token ${tokenId}` });
  const hint = 'issue a new token';
  if (token.revoked) return err({ code: 'auth.token_revoked', message: `the API token ${tokenId} is revoked`, hint });
  if (token.expiresAt === null || token.expiresAt > now) {
    const user = token.userId === undefined ? ok(token.role) : userStanding(state, token.userId);
    return user.ok ? ok(narrower(token.role, user.value)) : user;
  }
  return err({ code: 'auth.token_expired', message: `the API token ${tokenId} has expired`, hint });
}

function nodeStanding(state: TailnetState, nodeId: string): Result<'node', Problem> {
  const node = state.nodes.get(nodeId);
  if (!node) return err({ code: 'auth.unknown_actor', message: `there is no node ${nodeId}` });
  const owner = node.userId === undefined ? ok('node') : userStanding(state, node.userId);
  return owner.ok ? ok('node') : owner;
}

function isOwn(
  state: TailnetState,
  actor: CommandActor,
  person: string | undefined,
  { type, data }: TailnetCommand,
): boolean {
  if (type === 'JoinNode') {
    // An auth key speaks for itself; a login only for whoever has logged in.
    return 'authKeyId' in data.proof || (actor.kind === 'user' && data.proof.userId === actor.id);
  }
  if (!('nodeId' in data)) return false;
  if (actor.kind === 'node') return data.nodeId === actor.id;
  return person !== undefined && state.nodes.get(data.nodeId)?.userId === person;
}

const describe = (actor: CommandActor, standing: Standing): string =>
  standing === 'node' || standing === 'system' ? `${standing} ${actor.id}` : `${actor.kind} ${actor.id} (${standing})`;
