import { type EventType, type RawEvent, type TailnetEvent, type TailnetState, upcast } from '#tailnet';
import type { Change } from './change.js';
import { emptyNetwork, type Network } from './network.js';
import { NetworkBuilder } from './network-builder.js';

/** The ids of the nodes that an event may matter to, but for what it does to the policy. */
type Scope = Iterable<string>;

const nobody = (): Scope => [];
const everybody = (_: unknown, network: Network): Scope => network.nodes.keys();
const itsNode = ({ nodeId }: { readonly nodeId: string }): Scope => [nodeId];
const itsUser = ({ userId }: { readonly userId: string }, network: Network): Scope =>
  network.nodesByUser.get(userId) ?? [];

/** Every type has an entry, so that a new one is not forgotten here. */
const SCOPES: {
  readonly [T in EventType]: (data: TailnetEvent<T>['data'], network: Network, state: TailnetState) => Scope;
} = {
  // The domain of all names.
  TailnetCreated: everybody,
  SettingsChanged: nobody,
  ReleaseFloorRaised: nobody,
  UserJoined: itsUser,
  UserNamed: nobody,
  UserRoleChanged: itsUser,
  UserSuspended: itsUser,
  UserResumed: itsUser,
  UserRemoved: itsUser,
  // The users and nodes went before, by events of their own.
  PersonErased: nobody,
  GroupSynced: ({ group, members }, network, state) => {
    const logins = new Set([...members, ...(network.groups.get(group) ?? [])]);
    return [...logins].flatMap((login) => [...(network.nodesByUser.get(state.userByLogin.get(login) ?? '') ?? [])]);
  },
  AuthKeyIssued: nobody,
  AuthKeyRevoked: nobody,
  ApiTokenIssued: nobody,
  ApiTokenRevoked: nobody,
  NodeJoined: itsNode,
  NodeReauthenticated: itsNode,
  NodeApproved: itsNode,
  NodeRenamed: itsNode,
  HostnameChanged: itsNode,
  NodeTagged: itsNode,
  KeyRotated: itsNode,
  NodeExpired: itsNode,
  NodeExpiryChanged: itsNode,
  NodeRemoved: itsNode,
  RouteAdvertised: itsNode,
  RouteWithdrawn: itsNode,
  RouteApproved: itsNode,
  RouteRevoked: itsNode,
  AclPublished: nobody,
  DnsConfigured: nobody,
  // What a change does stands in events of its own.
  ReviewRulesChanged: nobody,
  ChangeProposed: nobody,
  ChangeReviewed: nobody,
  ChangeLapsed: nobody,
  ChangeScheduled: nobody,
  ChangeApplied: nobody,
  ChangeWithdrawn: nobody,
  ChangeExpired: nobody,
  ChangeReverted: nobody,
  ChangeFailed: nobody,
  ReviewOverridden: nobody,
  OverrideAcknowledged: nobody,
};

/**
 * The network after an event, and what changed. Cost: what the event touches; a policy costs its own size and a look at
 * every node.
 * @param state after the event
 */
export function advance(network: Network, state: TailnetState, event: RawEvent): { network: Network; change: Change } {
  const builder = new NetworkBuilder(network, state);
  const known = upcast(event);
  if (state.policy.compiled !== network.policy.compiled) builder.refreshEverything();
  else if (known) builder.refreshNodes(scopeOf(known, network, state));
  return builder.build();
}

/** The network of a state, without the way that led to it: for a start from a snapshot. Cost: the size of the state. */
export function networkFromScratch(state: TailnetState): Network {
  const builder = new NetworkBuilder(emptyNetwork, state);
  builder.refreshEverything();
  return builder.build().network;
}

function scopeOf<T extends EventType>(event: TailnetEvent<T>, network: Network, state: TailnetState): Scope {
  const scope = SCOPES[event.type as T];
  return scope(event.data, network, state);
}
