import type { Names } from '#history';
import { type EventType, type RawEvent, type Settings, type TailnetEvent, upcast } from '#tailnet';
import { comparedLines, type LineCounts } from './compared-lines.js';

type Description<T extends EventType> = (
  data: TailnetEvent<T>['data'],
  name: (id: string) => string,
  around: Around,
) => string;

/** What an event is described with. */
interface Around {
  /** What things were called before the event. */
  readonly nameBefore: (id: string) => string;
  /** What the event did to the text of the policy. */
  readonly policy?: LineCounts | undefined;
}

const day = (time: number | null): string =>
  time === null ? 'never' : new Date(time).toISOString().slice(0, 16).replace('T', ' ');
const valid = (until: number | null): string => (until === null ? 'valid for ever' : `valid until ${day(until)}`);
const called = (id: string, name: (id: string) => string): string => (name(id) === id ? id : `${id} (${name(id)})`);
const list = (items: readonly string[]): string => items.join(', ') || 'nothing';
/** Of people, the ledger says who. */
const byPolicy = (by: 'admin' | 'policy'): string => (by === 'policy' ? ' by the policy' : '');
const DAY_MS = 86_400_000;
const span = (ms: number): string => (ms % DAY_MS === 0 ? `${ms / DAY_MS} days` : `${ms / 1000} seconds`);

/** What a setting says, as part of a sentence. */
const SETTINGS: { readonly [K in keyof Settings]: (value: Settings[K]) => string } = {
  deviceApproval: (needed) => (needed ? 'new nodes wait for approval' : 'new nodes need no approval'),
  keyExpiry: (ms) => (ms === null ? 'keys of nodes never expire' : `keys of nodes expire after ${span(ms)}`),
  keyRotation: (ms) => (ms === null ? 'nodes keep their keys' : `nodes replace their keys every ${span(ms)}`),
  ipv4Pool: (pool) => `addresses come from ${pool}`,
};

const setting = <K extends keyof Settings>(key: K, value: Settings[K]): string => SETTINGS[key](value);

function settings(changes: Partial<Settings>): string {
  const keys = Object.keys(SETTINGS) as (keyof Settings)[];
  return list(keys.flatMap((key) => (changes[key] === undefined ? [] : [setting(key, changes[key])])));
}

function publication({ added, removed, reordered }: LineCounts): string {
  const parts = [added > 0 && `${added} ${lines(added)} added`, removed > 0 && `${removed} removed`];
  const changes = parts.filter((part) => part !== false).join(', ');
  return `the policy was published (${changes || (reordered ? 'lines in another order' : 'as it was')})`;
}

const lines = (count: number): string => (count === 1 ? 'line' : 'lines');

const whose = (userId: string | undefined, tags: readonly string[], name: (id: string) => string): string =>
  userId === undefined ? list(tags) : name(userId);

/** What each event says, without who caused it. */
const DESCRIPTIONS: { readonly [T in EventType]: Description<T> } = {
  TailnetCreated: ({ name, dnsSuffix }) => `the tailnet ${name} was created, with names in ${dnsSuffix}`,
  SettingsChanged: (changes) => `settings changed: ${settings(changes)}`,
  ReleaseFloorRaised: ({ level, release }) =>
    `events are kept as netfold ${release} keeps them (level ${level}), which every server reads`,
  UserJoined: ({ login, role }) => `${login} joined as ${role}`,
  UserNamed: ({ login, displayName }) => `${login} is called ${displayName}`,
  UserRoleChanged: ({ userId, role }, name) => `${name(userId)} is now ${role}`,
  UserSuspended: ({ userId }, name) => `${name(userId)} was suspended`,
  UserResumed: ({ userId }, name) => `${name(userId)} may use the network again`,
  UserRemoved: ({ userId }, name) => `${name(userId)} was removed`,
  PersonErased: ({ personId }) => `the person ${personId} was erased: nothing here names them any more`,
  GroupSynced: ({ group, members }) => `${group} is now ${list(members)}`,
  AuthKeyIssued: ({ keyId, userId, tags, expiresAt }, name) =>
    `auth key ${keyId} was issued for ${whose(userId, tags, name)}, ${valid(expiresAt)}`,
  AuthKeyRevoked: ({ keyId }) => `auth key ${keyId} was revoked`,
  ApiTokenIssued: ({ tokenId, role, userId, expiresAt }, name) =>
    `API token ${called(tokenId, name)} was issued with the role ${role}${userId === undefined ? '' : ` for ${name(userId)}`}, ${valid(expiresAt)}`,
  ApiTokenRevoked: ({ tokenId }, name) => `API token ${called(tokenId, name)} was revoked`,
  NodeJoined: ({ name: label, ipv4, userId, tags, approved }, name) =>
    `${label} joined with ${ipv4} for ${whose(userId, tags, name)}${approved ? '' : ', and waits for approval'}`,
  NodeReauthenticated: ({ nodeId, userId, tags }, name) =>
    `${name(nodeId)} logged in again for ${whose(userId, tags, name)}`,
  NodeApproved: ({ nodeId }, name) => `${name(nodeId)} was approved`,
  NodeRenamed: ({ nodeId, name: label }, _, { nameBefore }) => `${nameBefore(nodeId)} is now called ${label}`,
  HostnameChanged: ({ nodeId, hostname }, name) => `${name(nodeId)} reports the host name ${hostname}`,
  NodeTagged: ({ nodeId, tags }, name) => `${name(nodeId)} is now tagged ${list(tags)}`,
  KeyRotated: ({ nodeId }, name) => `${name(nodeId)} changed its key`,
  NodeExpired: ({ nodeId }, name) => `the key of ${name(nodeId)} expired`,
  NodeExpiryChanged: ({ nodeId, keyExpiresAt }, name) =>
    `the key of ${name(nodeId)} now ${keyExpiresAt === null ? 'never expires' : `expires at ${day(keyExpiresAt)}`}`,
  NodeRemoved: ({ nodeId, reason }, name) => `${name(nodeId)} left (${reason})`,
  RouteAdvertised: ({ nodeId, prefix }, name) => `${name(nodeId)} offers to route ${prefix}`,
  RouteWithdrawn: ({ nodeId, prefix }, name) => `${name(nodeId)} does not route ${prefix} any more`,
  RouteApproved: ({ nodeId, prefix, by }, name) => `${prefix} via ${name(nodeId)} was approved${byPolicy(by)}`,
  RouteRevoked: ({ nodeId, prefix, by }, name) => `${prefix} via ${name(nodeId)} was revoked${byPolicy(by)}`,
  AclPublished: ({ text }, _, { policy }) => publication(policy ?? comparedLines('', text)),
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
  ReviewOverridden: ({ command, changeId }) =>
    `EMERGENCY: ${changeId === undefined ? command : `change ${changeId}`} went ahead without approval`,
  OverrideAcknowledged: ({ overrideId }) => `the emergency ${overrideId} was acknowledged`,
};

/**
 * One sentence for people. Things are called what they were called then.
 * @param policy of a publication: what it did to the text before; by default it is the first
 */
export function describeEvent(
  raw: RawEvent & { readonly revision: number },
  names: Names,
  policy?: LineCounts,
): string {
  const event = upcast(raw);
  if (!event) return `${raw.type}, which this version does not know`;
  const around = { nameBefore: (id: string) => names.of(id, raw.revision - 1), policy };
  return describe(event, (id) => names.of(id, raw.revision), around);
}

const describe = <T extends EventType>(event: TailnetEvent<T>, name: (id: string) => string, around: Around): string =>
  DESCRIPTIONS[event.type as T](event.data, name, around);
