import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import { type ChangesState, NO_CHANGES } from './changes/change.js';
import type { ApiToken } from './credentials/api-token.js';
import type { AuthKey } from './credentials/auth-key.js';
import { DEFAULT_DNS, type DnsSettings } from './dns/dns-settings.js';
import { FIRST_LEVEL } from './event-versions.js';
import type { Node } from './nodes/node.js';
import { Outcomes } from './outcomes.js';
import { NO_POLICY, type PolicyState } from './policy/policy-state.js';
import { DEFAULT_SETTINGS, type Settings } from './tailnet/settings.js';
import type { User } from './users/user.js';

/** What never changes about a tailnet. */
export interface TailnetIdentity {
  readonly id: string;
  readonly name: string;
  readonly dnsSuffix: string;
  readonly ula: string;
  readonly createdAt: number;
}

/** A tailnet at one revision: an immutable value that shares its structure with the ones before and after it. */
export interface TailnetState {
  /** Of the last event; -1 when there is none. */
  readonly revision: number;
  /**
   * When it became so: the latest of the times of all events so far, in milliseconds since the Unix epoch; 0 before the
   * first. It never goes back, whatever the clocks of the writers did.
   */
  readonly recordedAt: number;
  /** Undefined until the tailnet is created. */
  readonly tailnet?: TailnetIdentity | undefined;
  /** The release level up to which events may be written, see `EventCodec`. */
  readonly floor: number;
  readonly settings: Settings;
  /** By id. */
  readonly users: PersistentMap<string, User>;
  /** Groups that an identity provider synced, beside those of the policy: `group:eng` → logins. */
  readonly groups: PersistentMap<string, PersistentSet<string>>;
  /** The people of whom nothing is known by name any more, by the id of the key that they had. */
  readonly erased: PersistentSet<string>;
  readonly authKeys: PersistentMap<string, AuthKey>;
  readonly apiTokens: PersistentMap<string, ApiToken>;
  readonly nodes: PersistentMap<string, Node>;
  readonly policy: PolicyState;
  readonly dns: DnsSettings;
  /** At which the DNS settings were changed last; -1 when they never were. */
  readonly dnsRevision: number;
  /** Proposals to change the tailnet, and the rules for them. */
  readonly changes: ChangesState;
  /** The IPv4 address that was given out last: the search for the next one starts behind it. */
  readonly lastIpv4?: string | undefined;
  readonly outcomes: Outcomes;
  // Indexes: to the id of the node or user that has it.
  readonly byMachineKey: PersistentMap<string, string>;
  readonly byNodeKey: PersistentMap<string, string>;
  readonly byName: PersistentMap<string, string>;
  /** Both families, in canonical text. */
  readonly byAddress: PersistentMap<string, string>;
  readonly userByLogin: PersistentMap<string, string>;
  /** Login → the synced groups it is in. */
  readonly groupsByLogin: PersistentMap<string, PersistentSet<string>>;
}

/** A tailnet before its first event. */
export const initialState: TailnetState = {
  revision: -1,
  recordedAt: 0,
  floor: FIRST_LEVEL,
  settings: DEFAULT_SETTINGS,
  users: PersistentMap(),
  groups: PersistentMap(),
  erased: PersistentSet(),
  authKeys: PersistentMap(),
  apiTokens: PersistentMap(),
  nodes: PersistentMap(),
  policy: NO_POLICY,
  dns: DEFAULT_DNS,
  dnsRevision: -1,
  changes: NO_CHANGES,
  outcomes: Outcomes.NONE,
  byMachineKey: PersistentMap(),
  byNodeKey: PersistentMap(),
  byName: PersistentMap(),
  byAddress: PersistentMap(),
  userByLogin: PersistentMap(),
  groupsByLogin: PersistentMap(),
};
