import type { Crypto } from '#crypto';
import type { StateDirectory } from '#host';
import type { Clock, Random } from '#kernel';
import { LedgerGuard } from '../checkpoint/ledger-guard.js';
import { JsonFile } from '../state/json-file.js';
import { KeyStore } from '../state/key-store.js';
import { Membership } from '../state/membership.js';
import { DEFAULT_PREFERENCES, Preferences } from '../state/preferences.js';

/** What an agent keeps on the disk, apart from the netmap. */
export interface AgentState {
  readonly keys: KeyStore;
  readonly preferences: JsonFile<Preferences>;
  readonly membership: JsonFile<Membership>;
  /** What is known of the tailnet's ledger. */
  readonly ledger: LedgerGuard;
}

/**
 * @param userspace whether a machine that never joined starts without an interface of the host
 * @throws NetfoldError `agent.state_corrupt`
 */
export async function openAgentState(
  directory: StateDirectory,
  crypto: Crypto,
  { random, wallClock }: { readonly random: Random; readonly wallClock: Clock },
  userspace: boolean,
): Promise<AgentState> {
  return {
    keys: await KeyStore.open(directory, crypto, random),
    preferences: await JsonFile.open(directory, 'preferences.json', Preferences, { ...DEFAULT_PREFERENCES, userspace }),
    membership: await JsonFile.open<Membership>(directory, 'membership.json', Membership, null),
    ledger: await LedgerGuard.open(directory, crypto, wallClock),
  };
}
