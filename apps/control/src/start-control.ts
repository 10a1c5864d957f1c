import { systemRandom } from '#host';
import 'reflect-metadata';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import { checkedStore } from '#event-store';
import { FileSnapshotCache, type SnapshotPorts } from '#history';
import { newId, type Problem } from '#kernel';
import { EventCodec } from '#tailnet';
import { loadServerSecret } from './auth/server-secret.js';
import { FirstStart } from './bootstrap/first-start.js';
import { ownerLink } from './bootstrap/owner-link.js';
import { DueChanges } from './changes/due-changes.js';
import { Notary } from './checkpoint/notary.js';
import { TreeCache } from './checkpoint/tree-cache.js';
import { agentsUrlOf, parseAgentsUrl } from './cluster/agents-url.js';
import { Cluster } from './cluster/cluster.js';
import { openReplicaBus } from './cluster/open-replica-bus.js';
import { ReleaseFloor } from './cluster/release-floor.js';
import {
  type ControlOptions,
  DEFAULT_EPHEMERAL_TIMEOUT,
  DEFAULT_GRPC,
  DEFAULT_HTTP,
} from './config/control-options.js';
import { authority, httpUrlOf } from './config/listen-urls.js';
import { ServerStatus } from './config/server-status.js';
import { SystemClock } from './config/system-clock.js';
import { loadTls } from './config/tls-files.js';
import { openCoordination } from './coordination/coordination.js';
import { openDeliveryLog } from './delivery/open-delivery-log.js';
import { SharedDelivery } from './delivery/shared-delivery.js';
import { Witnesses } from './delivery/witnesses.js';
import { AgentServer } from './grpc/agent-server.js';
import { Housekeeper } from './housekeeping/housekeeper.js';
import { HttpServer } from './http/http-server.js';
import { Identity } from './identity/identity.js';
import { readIssuers } from './identity/issuer-options.js';
import { Following } from './ledger/following.js';
import { Ledger } from './ledger/ledger.js';
import { openStore } from './ledger/open-store.js';
import { StoreWatch } from './ledger/store-watch.js';
import { createLogger } from './observability/logging/create-logger.js';
import { observedStore } from './observability/observed-store.js';
import { openObservability, serveMetrics } from './observability/open-observability.js';
import { learningStore } from './personal-data/learning-store.js';
import { People } from './personal-data/people.js';
import { readableStore } from './personal-data/readable-store.js';
import { publishLedger } from './publisher/publish-ledger.js';
import { LiveStreams } from './stream/live-streams.js';
import { Dispatcher } from './tailnet/dispatcher.js';
import { Tailnets } from './tailnet/tailnets.js';
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
  // What has been started, to be stopped in the opposite order.
  const stops: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return { ...(await startParts(options, stops)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  options: ControlOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<RunningControl, 'close'>> {
  const { stateDir, http = DEFAULT_HTTP, grpc = DEFAULT_GRPC } = options;
  const tls = loadTls(options.tls, [http, grpc]);
  const told = options.agentsUrl === undefined ? undefined : parseAgentsUrl(options.agentsUrl);
  const logger = options.logger ?? createLogger(options.logLevel);
  const clock = new SystemClock(options.clock);
  const secrets = loadServerSecret(stateDir, options.secretFile);
  const sealed = await openStore(options, logger);
  stops.push(() => sealed.close());
  const coordination = await openCoordination(options, secrets, logger);
  stops.push(() => coordination.close());
  const { people, registers } = coordination;
  const { observability, close } = await openObservability(options, VERSION, clock, logger);
  stops.push(close);
  const learning = coordination.isShared ? learningStore(checkedStore(sealed), people) : checkedStore(sealed);
  const codec = new EventCodec(options.versions);
  const store = observedStore(readableStore(learning, people, codec), observability, clock);

  const snapshots: SnapshotPorts = {
    cache: new FileSnapshotCache(join(stateDir, 'snapshots')),
    secret: secrets.derive('snapshots'),
    release: VERSION,
    kept: sealed,
    report: (problem) => logger.warn({ problem }, 'a snapshot is not used; it is made again'),
  };
  const fault = (problem: Problem) => logger.error({ problem }, problem.message);
  const status = new ServerStatus(VERSION, tls !== undefined);
  const url = () => options.url?.replace(/\/+$/, '') ?? httpUrlOf(http, tls !== undefined, status.httpPort);
  const { bus, closeBus } = openReplicaBus(options, logger);
  stops.push(closeBus);
  const self = newId('replica', systemRandom);
  const agentsUrl = () => told ?? agentsUrlOf(url(), status.grpcPort);
  const cluster = new Cluster(bus, { self, agentsUrl, reads: codec.level, beatMs: options.beatMs });
  const tailnets = new Tailnets({
    store,
    people,
    neighbours: cluster.neighbours,
    clock,
    snapshots,
    fault,
    codec,
    observer: observability,
  });
  const issuers = options.oidcFile === undefined ? [] : readIssuers(options.oidcFile);
  const identity = new Identity(url, issuers, registers, secrets, clock);
  const notary = new Notary(secrets);
  const delivery = openDeliveryLog(join(stateDir, 'delivery.db'), clock, logger);
  stops.push(async () => delivery.close());
  const shared = new SharedDelivery(delivery, bus, self);
  stops.push(() => shared.close());
  const witnesses = new Witnesses(delivery, clock);
  const live = new LiveStreams(notary, witnesses, logger, observability);
  const ledger = new Ledger(store);
  const following = new Following(sealed);
  const server = await HttpServer.create(
    {
      ledger,
      tailnets,
      following,
      replicas: cluster.replicas,
      live,
      delivery,
      witnesses,
      notary,
      secrets,
      people: new People(people),
      identity,
      clock,
      random: systemRandom,
      status,
      observability,
      logger,
    },
    tls,
  );
  const { app } = server;
  stops.push(() => server.close());

  const dispatcher = new Dispatcher(following.noting(store), tailnets);
  stops.push(() => dispatcher.stop());
  await dispatcher.start((problem) => {
    status.problem = problem;
    tailnets.fail(problem);
    logger.fatal({ problem }, 'the server does not follow its ledger any more');
  });
  const trees = new TreeCache(join(stateDir, 'trees'), secrets.derive('trees'));
  await notary.fill(sealed, tailnets, trees, fault);
  stops.push(async () => notary.save(tailnets, trees));
  cluster.listen(tailnets);
  shared.listen();
  stops.push(() => cluster.close());
  const sources = { tailnets, live, status, clock, tls };
  const metrics = await serveMetrics(observability, options.metrics, sources, logger);
  stops.push(async () => metrics?.close());
  const adminToken = await app.get(FirstStart).run(options.tailnet ?? {});

  const agents = app.get(AgentServer);
  stops.push(() => Promise.all([agents.close(), server.drain(DRAIN_PATIENCE_MS)]));
  status.grpcPort = await agents.listen(grpc, tls);
  status.httpPort = await server.listen(http);
  cluster.replicas.announce();

  const housekeeper = new Housekeeper({
    bus: app.get(CommandBus),
    tailnets,
    changes: app.get(DueChanges),
    leases: coordination.leases,
    clock,
    hears: () => cluster.replicas.hears,
    ephemeralTimeout: options.ephemeralTimeout ?? DEFAULT_EPHEMERAL_TIMEOUT,
    logger,
  });
  stops.push(() => housekeeper.stop());
  housekeeper.start();
  observability.metrics.cluster.watchLease('housekeeping', () => housekeeper.active);
  const floor = new ReleaseFloor(app.get(CommandBus), tailnets, cluster.replicas, VERSION, logger);
  stops.push(() => floor.stop());
  floor.start();
  observability.metrics.cluster.watchBus(() => bus.health());
  if (options.kafka !== undefined) {
    const report = (problem: Problem) => logger.warn({ problem }, problem.message);
    const ports = { store: checkedStore(sealed), bus, leases: coordination.leases, report };
    stops.push(publishLedger(ports, observability.metrics, () => newestOf(tailnets)));
  }
  stops.push(async () => {
    status.drain();
    cluster.leave();
  });
  const watch = new StoreWatch(
    following,
    (problem) => {
      status.store = problem;
      if (problem) logger.warn({ problem }, problem.message);
      else logger.info('the server sees again all that is stored');
    },
    options.watchMs,
  );
  stops.push(() => watch.stop());
  if (coordination.isShared) watch.start();
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

/** When the newest event was recorded. */
const newestOf = (tailnets: Tailnets): number =>
  [...tailnets.all()].reduce((newest, { fold }) => Math.max(newest, fold.state.recordedAt), 0);
