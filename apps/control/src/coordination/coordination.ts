import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  KurrentRegisters,
  Leases,
  MemoryRegisters,
  type Registers,
  SqliteRegisters,
  sealedRegisters,
} from '#coordination';
import { isKurrentUrl } from '#event-store';
import { systemRandom } from '#host';
import type { Problem } from '#kernel';
import type { ServerSecret } from '../auth/server-secret.js';
import type { ControlOptions } from '../config/control-options.js';
import { reporterOf } from '../ledger/store-reporter.js';
import { movePersonKeys } from '../personal-data/move-person-keys.js';
import { PersonKeyFile } from '../personal-data/person-key-file.js';
import type { PersonKeyStore } from '../personal-data/person-key-store.js';
import { SharedPersonKeys } from '../personal-data/shared-person-keys.js';
import { requireClusterSecret } from './cluster-secret.js';

/** What several replicas of a control plane have to agree on that is not in the ledger. */
export interface Coordination {
  /** Whether there may be other replicas. */
  readonly isShared: boolean;
  /** Sealed under the server's secret. */
  readonly registers: Registers;
  readonly leases: Leases;
  readonly people: PersonKeyStore;
  close(): Promise<void>;
}

/** What `openCoordination` needs of the options. */
export type CoordinationOptions = Pick<ControlOptions, 'stateDir' | 'store' | 'interrupted'>;

/**
 * Opens it where the ledger is: in the KurrentDB that replicas share, or in files of the state directory, which one process has
 * for itself. The leases of one process are held as soon as they are asked for.
 * @throws NetfoldError `cluster.other_secret`, `register.…`, `people.…`, and `store.…` as `openStore`
 */
export async function openCoordination(
  options: CoordinationOptions,
  secrets: ServerSecret,
  logger: Logger,
): Promise<Coordination> {
  const { stateDir, store } = options;
  const pepper = secrets.derive('people');
  const tell = reporterOf(logger);
  const report = (lease: string, problem: Problem) => tell({ ...problem, where: `lease ${lease}` });
  if (store === undefined || !isKurrentUrl(store)) {
    const registers = SqliteRegisters.open(join(stateDir, 'registers.db'));
    const people = new PersonKeyFile(join(stateDir, 'people.db'), pepper, systemRandom);
    return {
      isShared: false,
      registers: sealedRegisters(registers, secrets.derive('registers')),
      leases: new Leases(new MemoryRegisters(), { report }),
      people,
      close: async () => {
        people.close();
        await registers.close();
      },
    };
  }
  const wait = options.interrupted ?? new AbortController().signal;
  const shared = await KurrentRegisters.open(store, { wait, report: tell });
  try {
    await requireClusterSecret(shared, secrets);
    const registers = sealedRegisters(shared, secrets.derive('registers'));
    const people = await SharedPersonKeys.open(registers, pepper, systemRandom);
    await movePersonKeys(stateDir, pepper, people, logger);
    const leases = new Leases(shared, { report });
    const close = async () => {
      people.close();
      await shared.close();
    };
    return { isShared: true, registers, leases, people, close };
  } catch (error) {
    await shared.close();
    throw error;
  }
}
