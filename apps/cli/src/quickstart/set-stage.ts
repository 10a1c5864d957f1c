import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningControl, startControl } from '../../../control/src/index.js';
import { AdminClient } from '../admin/admin-client.js';
import { DemoAgent } from './demo-agent.js';
import { serverLog } from './server-log.js';
import { LAN_HOST, type Stage } from './stage.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

/** A stage that can be cleared again. */
export interface StandingStage extends Stage {
  readonly folder: string;
  /** Stops everything and removes the folder. */
  clear(): Promise<void>;
}

/** Starts the control plane in this process and the agents in theirs, on a fresh folder and free ports. */
export async function setStage(): Promise<StandingStage> {
  const folder = await mkdtemp(join(tmpdir(), 'netfold-quickstart-'));
  const cleanups: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const clear = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const control = await startServer(folder);
    cleanups.push(() => control.close());
    const agent = async (name: string, userspaceHosts?: readonly string[]) => {
      const started = await DemoAgent.start(join(folder, name), name, userspaceHosts);
      cleanups.push(() => started.stop());
      return started;
    };
    const [laptop, dev, prod] = await Promise.all([agent('laptop'), agent('dev-1'), agent('prod-1', [LAN_HOST])]);
    const admin = new AdminClient({ server: control.httpUrl, token: control.adminToken ?? '' });
    return { folder, control, admin, agents: { laptop, 'dev-1': dev, 'prod-1': prod }, clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

const startServer = (folder: string): Promise<RunningControl> =>
  startControl({
    stateDir: join(folder, 'server'),
    http: ANY_PORT,
    grpc: ANY_PORT,
    tailnet: { name: 'example', ownerLogin: 'admin@example.com' },
    logger: serverLog(join(folder, 'server.log')),
  });
