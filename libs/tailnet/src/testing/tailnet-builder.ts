import type { Role } from '#policy';
import type { CommandActor } from '../commands.js';
import type { EventData, EventType, TailnetEvent } from '../events.js';
import { evolve } from '../evolve.js';
import { nextAddresses } from '../nodes/addresses.js';
import { initialState, type TailnetState } from '../state.js';
import type { Settings } from '../tailnet/settings.js';
import type { RecordedEvent } from './recorded-event.js';
import { sampleKey } from './sample-key.js';

/** When the history of every built tailnet starts; each event is a second later than the one before. */
export const START = Date.UTC(2026, 0, 1);

export interface NodeOptions {
  /** The short name of its owner; tagged nodes have none. */
  readonly user?: string;
  readonly tags?: readonly string[];
  readonly ephemeral?: boolean;
  readonly approved?: boolean;
  readonly keyExpiresAt?: number | null;
  /** Prefixes that it advertises, and that an admin has approved. */
  readonly routes?: readonly string[];
  /** Prefixes that it advertises, and that nobody has approved. */
  readonly offers?: readonly string[];
}

export interface AuthKeyOptions {
  readonly user?: string;
  readonly tags?: readonly string[];
  readonly reusable?: boolean;
  readonly ephemeral?: boolean;
  readonly preapproved?: boolean;
  readonly expiresAt?: number | null;
}

/**
 * A tailnet for tests, as the events that made it. Things have short names: the user `alice` has the id `user_alice`
 * and the login `alice@example.com`; the node `db` has the id `node_db` and the keys `sampleKey('db machine')` and
 * `sampleKey('db node')`; the auth key `k` has the id `key_k` and the secret hash `sampleKey('k secret')`.
 * Nothing is checked: what is built need not be what commands would allow.
 */
export class TailnetBuilder {
  private constructor(
    readonly events: readonly RecordedEvent[],
    readonly state: TailnetState,
  ) {}

  static readonly EMPTY = new TailnetBuilder([], initialState);

  with<T extends EventType>(type: T, data: EventData[T]): TailnetBuilder {
    const revision = this.state.revision + 1;
    const event = { type, version: 1, data } as TailnetEvent;
    const meta = { revision, recordedAt: START + 1000 * revision, commandId: `given-${revision}` };
    return new TailnetBuilder([...this.events, { event, meta }], evolve(this.state, event, meta));
  }

  withSettings(settings: Partial<Settings>): TailnetBuilder {
    return this.with('SettingsChanged', settings);
  }

  withUser(name: string, role: Role = 'member'): TailnetBuilder {
    return this.with('UserJoined', { userId: userId(name), login: loginOf(name), displayName: name, role });
  }

  withSuspendedUser(name: string, role: Role = 'member'): TailnetBuilder {
    return this.withUser(name, role).with('UserSuspended', { userId: userId(name) });
  }

  withGroup(group: string, ...names: string[]): TailnetBuilder {
    return this.with('GroupSynced', { group, members: names.map(loginOf) });
  }

  /** @param policy the text, or what is to be its JSON */
  withPolicy(policy: string | object): TailnetBuilder {
    return this.with('AclPublished', { text: typeof policy === 'string' ? policy : JSON.stringify(policy) });
  }

  withAuthKey(name: string, options: AuthKeyOptions = {}): TailnetBuilder {
    const { user, tags = [], reusable = false, ephemeral = false, preapproved = false, expiresAt = null } = options;
    return this.with('AuthKeyIssued', {
      keyId: keyId(name),
      secretHash: sampleKey(`${name} secret`),
      ...(user !== undefined && { userId: userId(user) }),
      tags,
      reusable,
      ephemeral,
      preapproved,
      expiresAt,
      description: name,
    });
  }

  /** @param user the short name of the person whom it acts for */
  withToken(name: string, role: Role, expiresAt: number | null = null, user?: string): TailnetBuilder {
    const secretHash = sampleKey(`${name} secret`);
    const person = user === undefined ? {} : { userId: userId(user) };
    const token = { tokenId: tokenId(name), secretHash, role, ...person, description: name, expiresAt };
    return this.with('ApiTokenIssued', token);
  }

  withNode(name: string, options: NodeOptions = {}): TailnetBuilder {
    const { user, tags = [], ephemeral = false, approved = true, keyExpiresAt = null } = options;
    const addresses = nextAddresses(this.state, this.state.tailnet?.ula ?? 'fd00::/48');
    if (!addresses) throw new Error('the address pool of the built tailnet is exhausted');
    const joined = this.with('NodeJoined', {
      nodeId: nodeId(name),
      machineKey: sampleKey(`${name} machine`),
      nodeKey: sampleKey(`${name} node`),
      name,
      hostname: name,
      os: 'linux',
      ...(user !== undefined && { userId: userId(user) }),
      tags,
      ...addresses,
      ephemeral,
      approved,
      keyExpiresAt,
    });
    return joined.withOffers(name, options.offers ?? []).withRoutes(name, options.routes ?? []);
  }

  /** The node advertises these prefixes. */
  withOffers(name: string, prefixes: readonly string[]): TailnetBuilder {
    return prefixes.reduce<TailnetBuilder>(
      (built, prefix) => built.with('RouteAdvertised', { nodeId: nodeId(name), prefix }),
      this,
    );
  }

  /** The node advertises these prefixes, and an admin has approved them. */
  withRoutes(name: string, prefixes: readonly string[]): TailnetBuilder {
    return prefixes.reduce<TailnetBuilder>(
      (built, prefix) => built.with('RouteApproved', { nodeId: nodeId(name), prefix, by: 'admin' }),
      this.withOffers(name, prefixes),
    );
  }
}

/** A tailnet of the domain `test.netfold.internal` with nothing in it yet. */
export const aTailnet = (): TailnetBuilder =>
  TailnetBuilder.EMPTY.with('TailnetCreated', {
    tailnetId: 'test',
    name: 'Test',
    dnsSuffix: 'test.netfold.internal',
    ula: 'fd7a:115c:a1e0::/48',
  });

export const userId = (name: string): string => `user_${name}`;
export const loginOf = (name: string): string => `${name}@example.com`;
export const nodeId = (name: string): string => `node_${name}`;
export const keyId = (name: string): string => `key_${name}`;
export const tokenId = (name: string): string => `token_${name}`;

export const theUser = (name: string): CommandActor => ({ kind: 'user', id: userId(name) });
export const theToken = (name: string): CommandActor => ({ kind: 'token', id: tokenId(name) });
export const theNode = (name: string): CommandActor => ({ kind: 'node', id: nodeId(name) });
export const theSystem: CommandActor = { kind: 'system', id: 'test' };
