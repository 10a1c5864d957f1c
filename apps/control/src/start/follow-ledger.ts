import { join } from 'node:path';
import { TreeCache } from '../checkpoint/tree-cache.js';
import { Dispatcher } from '../tailnet/dispatcher.js';
import type { Parts } from './make-parts.js';
import type { Storage } from './open-storage.js';
import type { Setting } from './setting.js';

/** Folds all that is stored, follows what is appended from now on, and hears of the other replicas. */
export async function followLedger(setting: Setting, { store, sealed }: Storage, parts: Parts): Promise<void> {
  const { options, secrets, status, logger, fault, stops } = setting;
  const { control, cluster, shared } = parts;
  const { tailnets, following, notary } = control;
  const dispatcher = new Dispatcher(following.noting(store), tailnets);
  stops.push(() => dispatcher.stop());
  await dispatcher.start((problem) => {
    status.problem = problem;
    tailnets.fail(problem);
    logger.fatal({ problem }, 'the server does not follow its ledger any more');
  });
  const trees = new TreeCache(join(options.stateDir, 'trees'), secrets.derive('trees'));
  await notary.fill(sealed, tailnets, trees, fault);
  stops.push(async () => notary.save(tailnets, trees));
  cluster.listen(tailnets);
  shared.listen();
  stops.push(() => cluster.close());
}
