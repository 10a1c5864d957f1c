import 'reflect-metadata';
import { loadServerSecret } from './auth/server-secret.js';
import { FirstStart } from './bootstrap/first-start.js';
import { ownerLink } from './bootstrap/owner-link.js';
import { type ControlOptions, DEFAULT_GRPC, DEFAULT_HTTP } from './config/control-options.js';
import { authority, httpUrlOf } from './config/listen-urls.js';
import { ServerStatus } from './config/server-status.js';
import { SystemClock } from './config/system-clock.js';
import { loadTls } from './config/tls-files.js';
import { AgentServer } from './grpc/agent-server.js';
import { HttpServer } from './http/http-server.js';
import { createLogger } from './observability/logging/create-logger.js';
import { serveMetrics } from './observability/open-observability.js';
import { beginDuties } from './start/begin-duties.js';
import { followLedger } from './start/follow-ledger.js';
import { makeParts } from './start/make-parts.js';
import { openStorage } from './start/open-storage.js';
import type { Setting } from './start/setting.js';
import { makeStateDir } from './start/state-dir.js';
import { Stops } from './start/stops.js';
import { VERSION } from './version.js';

/** A control plane that serves. */
export interface RunningControl {
  readonly httpUrl: string;
  /** `host:port` */
  readonly grpcAddress: string;
  /** Where Prometheus reads its metrics, when they are served. */
  readonly metricsUrl?: string;
  /** The first API token; only when this start was the first. */
  readonly adminToken?: string;
  /** Signs in as the owner, once; only when this start was the first. */
  readonly ownerLink?: string;
  /** Sends the agents away and stops; what was acknowledged is on the disk. */
  close(): Promise<void>;
}

/** How long what was asked for may take when the server stops, in milliseconds. */
const DRAIN_PATIENCE_MS = 5_000;

/**
 * Starts a control plane in this process.
 * @throws NetfoldError `control.…`, `state.…` or `store.…`, and then nothing is left running
 */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const stops = new Stops();
  const close = () => stops.run();
  try {
    return { ...(await serve(settingOf(options, stops))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function settingOf(options: ControlOptions, stops: Stops): Setting {
  const { stateDir, http = DEFAULT_HTTP, grpc = DEFAULT_GRPC } = options;
  const tls = loadTls(options.tls, [http, grpc]);
  const logger = options.logger ?? createLogger(options.logLevel);
  const status = new ServerStatus(VERSION, tls !== undefined);
  makeStateDir(stateDir);
  return {
    ...{ options, tls, logger, status, stops },
    clock: new SystemClock(options.clock),
    secrets: loadServerSecret(stateDir, options.secretFile),
    url: () => options.url?.replace(/\/+$/, '') ?? httpUrlOf(http, tls !== undefined, status.httpPort),
    fault: (problem) => logger.error({ problem }, problem.message),
  };
}

/** What is read comes before who reads it, and agents and people come last. */
async function serve(setting: Setting): Promise<Omit<RunningControl, 'close'>> {
  const { options, tls, clock, secrets, logger, status, url, stops } = setting;
  const { stateDir, http = DEFAULT_HTTP, grpc = DEFAULT_GRPC } = options;
  const storage = await openStorage(setting);
  const parts = makeParts(setting, storage);
  const { tailnets, live } = parts.control;
  const server = await HttpServer.create(parts.control, tls);
  stops.push(() => server.close());
  await followLedger(setting, storage, parts);
  const sources = { tailnets, live, status, clock, tls };
  const metrics = await serveMetrics(storage.observability, options.metrics, sources, logger);
  stops.push(async () => metrics?.close());
  const adminToken = await server.app.get(FirstStart).run(options.tailnet ?? {});

  const agents = server.app.get(AgentServer);
  stops.push(() => Promise.all([agents.close(), server.drain(DRAIN_PATIENCE_MS)]));
  status.grpcPort = await agents.listen(grpc, tls);
  status.httpPort = await server.listen(http);
  parts.cluster.replicas.announce();
  beginDuties(setting, storage, parts, server.app);
  status.ready = true;
  const httpUrl = httpUrlOf(http, tls !== undefined, status.httpPort);
  const grpcAddress = authority(grpc.host, status.grpcPort);
  logger.info({ httpUrl, grpcAddress, stateDir }, 'netfold control plane is ready');
  return {
    httpUrl,
    grpcAddress,
    ...(metrics && { metricsUrl: metrics.url }),
    ...(adminToken !== undefined && { adminToken, ownerLink: ownerLink(secrets, url(), clock.now()) }),
  };
}
