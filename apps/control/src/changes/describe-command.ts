import type { ProposableType, ProposedCommand } from '#tailnet';

type Name = (id: string) => string;
type Description<T extends ProposableType> = (data: ProposedCommand<T>['data'], name: Name) => string;

const list = (items: readonly string[]): string => items.join(', ') || 'nothing';
const minute = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** What each command is to do, as a person would say it. */
const DESCRIPTIONS: { readonly [T in ProposableType]: Description<T> } = {
  ChangeSettings: (settings) =>
    `set ${list(Object.entries(settings).map(([key, value]) => `${key} to ${value === null ? 'none' : value}`))}`,
  SetReviewRules: ({ rules }) =>
    rules.length === 0
      ? 'drop all rules of review'
      : `let ${rules.map((rule) => `${list(rule.commands)} need ${rule.approvals} (${rule.role})`).join('; ')}`,
  AddUser: ({ login, role }) => `add ${login} as ${role}`,
  ChangeUserRole: ({ userId, role }, name) => `make ${name(userId)} ${role}`,
  SuspendUser: ({ userId }, name) => `suspend ${name(userId)}`,
  ResumeUser: ({ userId }, name) => `give ${name(userId)} access again`,
  RemoveUser: ({ userId }, name) => `remove ${name(userId)} with all machines and keys`,
  SyncGroup: ({ group, members }) => `let ${group} be ${list(members)}`,
  RevokeAuthKey: ({ keyId }) => `revoke the auth key ${keyId}`,
  RevokeApiToken: ({ tokenId }, name) => `revoke the API token ${name(tokenId)}`,
  ApproveNode: ({ nodeId }, name) => `approve ${name(nodeId)}`,
  RenameNode: ({ nodeId, name: to }, name) =>
    to === null ? `let ${name(nodeId)} follow its host name` : `rename ${name(nodeId)} to ${to}`,
  TagNode: ({ nodeId, tags }, name) => `tag ${name(nodeId)} ${list(tags)}`,
  ExpireNode: ({ nodeId }, name) => `expire the key of ${name(nodeId)}`,
  SetNodeExpiry: ({ nodeId, keyExpiresAt }, name) =>
    `let the key of ${name(nodeId)} expire ${keyExpiresAt === null ? 'never' : `at ${minute(keyExpiresAt)}`}`,
  RemoveNode: ({ nodeId }, name) => `remove ${name(nodeId)}`,
  ApproveRoute: ({ nodeId, prefix }, name) => `approve the route ${prefix} of ${name(nodeId)}`,
  RevokeRoute: ({ nodeId, prefix }, name) => `revoke the route ${prefix} of ${name(nodeId)}`,
  PublishAcl: ({ text }) => `publish a policy of ${text.split('\n').length} lines`,
  ConfigureDns: ({ magicDns, nameservers }) =>
    `configure DNS: names ${magicDns ? 'on' : 'off'}, resolvers ${list(nameservers)}`,
};

/** @param name what people call the node, user or token with an id */
export function describeCommand<T extends ProposableType>({ type, data }: ProposedCommand<T>, name: Name): string {
  const describe: Description<T> = DESCRIPTIONS[type as T];
  return describe(data, name);
}
