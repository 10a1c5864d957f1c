import type { Names } from '#history';
import { type EventType, type RawEvent, type TailnetEvent, upcast } from '#tailnet';

type Description<T extends EventType> = (data: TailnetEvent<T>['data'], name: (id: string) => string) => string;

const day = (time: number | null): string => (time === null ? 'never' : new Date(time).toISOString().slice(0, 16));
const list = (items: readonly string[]): string => items.join(', ') || 'nothing';
const whose = (userId: string | undefined, tags: readonly string[], name: (id: string) => string): string =>
  userId === undefined ? list(tags) : name(userId);

/** What each event says, without who caused it. */
const DESCRIPTIONS: { readonly [T in EventType]: Description<T> } = {
  TailnetCreated: ({ name, dnsSuffix }) => `the tailnet ${name} was created, with names in ${dnsSuffix}`,
  SettingsChanged: (changes) =>
    `settings changed: ${list(Object.entries(changes).map(([key, value]) => `${key} = ${value}`))}`,
  UserJoined: ({ login, role }) => `${login} joined as ${role}`,
  UserRoleChanged: ({ userId, role }, name) => `${name(userId)} is now ${role}`,
  UserSuspended: ({ userId }, name) => `${name(userId)} was suspended`,
  UserResumed: ({ userId }, name) => `${name(userId)} may use the network again`,
  UserRemoved: ({ userId }, name) => `${name(userId)} was removed`,
  PersonErased: ({ personId }) => `the person ${personId} was erased: nothing here names them any more`,
  GroupSynced: ({ group, members }) => `${group} is now ${list(members)}`,
  AuthKeyIssued: ({ keyId, userId, tags, expiresAt }, name) =>
    `auth key ${keyId} was issued for ${whose(userId, tags, name)}, valid until ${day(expiresAt)}`,
  AuthKeyRevoked: ({ keyId }) => `auth key ${keyId} was revoked`,
  ApiTokenIssued: ({ tokenId, role, expiresAt }) =>
    `API token ${tokenId} was issued with the role ${role}, valid until ${day(expiresAt)}`,
  ApiTokenRevoked: ({ tokenId }) => `API token ${tokenId} was revoked`,
  NodeJoined: ({ name: label, ipv4, userId, tags, approved }, name) =>
    `${label} joined with ${ipv4} for ${whose(userId, tags, name)}${approved ? '' : ', and waits for approval'}`,
  NodeReauthenticated: ({ nodeId, userId, tags }, name) =>
    `${name(nodeId)} logged in again for ${whose(userId, tags, name)}`,
  NodeApproved: ({ nodeId }, name) => `${name(nodeId)} was approved`,
  NodeRenamed: ({ name: label }) => `a node is now called ${label}`,
  HostnameChanged: ({ nodeId, hostname }, name) => `${name(nodeId)} reports the host name ${hostname}`,
  NodeTagged: ({ nodeId, tags }, name) => `${name(nodeId)} is now tagged ${list(tags)}`,
  KeyRotated: ({ nodeId }, name) => `${name(nodeId)} changed its key`,
  NodeExpired: ({ nodeId }, name) => `the key of ${name(nodeId)} expired`,
  NodeExpiryChanged: ({ nodeId, keyExpiresAt }, name) => `the key of ${name(nodeId)} now expires: ${day(keyExpiresAt)}`,
  NodeRemoved: ({ nodeId, reason }, name) => `${name(nodeId)} left (${reason})`,
  RouteAdvertised: ({ nodeId, prefix }, name) => `${name(nodeId)} offers to route ${prefix}`,
  RouteWithdrawn: ({ nodeId, prefix }, name) => `${name(nodeId)} does not route ${prefix} any more`,
  RouteApproved: ({ nodeId, prefix, by }, name) => `${prefix} via ${name(nodeId)} was approved by ${by}`,
  RouteRevoked: ({ nodeId, prefix, by }, name) => `${prefix} via ${name(nodeId)} was revoked by ${by}`,
  AclPublished: ({ text }) => `a policy of ${text.split('\n').length} lines was published`,
  DnsConfigured: ({ magicDns, nameservers }) =>
    `DNS was configured: names ${magicDns ? 'on' : 'off'}, resolvers ${list(nameservers)}`,
  ReviewRulesChanged: ({ rules }) =>
    rules.length === 0
      ? 'nothing needs approval any more'
      : `rules of review: ${rules.map((rule) => `${list(rule.commands)} by ${rule.approvals} (${rule.role})`).join('; ')}`,
  ChangeProposed: ({ changeId, title, commands, lasts }) =>
    `change ${changeId} was proposed: ${title} (${list([...new Set(commands.map(({ type }) => type))])}${
      lasts === null ? '' : ', temporary'
    })`,
  ChangeReviewed: ({ changeId, verdict, comment }) =>
    `change ${changeId} was ${verdict === 'approve' ? 'approved' : 'rejected'}${comment && `: ${comment}`}`,
  ChangeLapsed: ({ changeId }) => `change ${changeId} would do something else by now: its approvals lapsed`,
  ChangeScheduled: ({ changeId, at }) =>
    at === null ? `change ${changeId} is not scheduled any more` : `change ${changeId} is to be applied at ${day(at)}`,
  ChangeApplied: ({ changeId, events, until }) =>
    `change ${changeId} was applied: ${events} ${events === 1 ? 'event' : 'events'}${
      until === null ? '' : `, until ${day(until)}`
    }`,
  ChangeWithdrawn: ({ changeId }) => `change ${changeId} was withdrawn`,
  ChangeExpired: ({ changeId, events }) =>
    `change ${changeId} was temporary, and is over: ${events} ${events === 1 ? 'event' : 'events'} took it back`,
  ChangeReverted: ({ changeId, revertedBy }) => `change ${changeId} was taken back by ${revertedBy}`,
  ChangeFailed: ({ changeId, message }) => `change ${changeId} could not go on: ${message}`,
  ReviewOverridden: ({ command, changeId, reason }) =>
    `EMERGENCY: ${changeId === undefined ? command : `change ${changeId}`} went ahead without approval: ${reason}`,
  OverrideAcknowledged: ({ overrideId }) => `the emergency ${overrideId} was acknowledged`,
};

/** One sentence for people. */
export function describeEvent(raw: RawEvent, names: Names): string {
  const event = upcast(raw);
  return event ? describe(event, (id) => names.of(id)) : `${raw.type}, which this version does not know`;
}

const describe = <T extends EventType>(event: TailnetEvent<T>, name: (id: string) => string): string =>
  DESCRIPTIONS[event.type as T](event.data, name);
