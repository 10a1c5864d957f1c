import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Problem } from '#kernel';
import { DueChanges } from '../changes/due-changes.js';
import { ReleaseFloor } from '../cluster/release-floor.js';
import { DEFAULT_EPHEMERAL_TIMEOUT } from '../config/control-options.js';
import { Housekeeper } from '../housekeeping/housekeeper.js';
import { StoreWatch } from '../ledger/store-watch.js';
import { publishLedger } from '../publisher/publish-ledger.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { VERSION } from '../version.js';
import type { Parts } from './make-parts.js';
import type { Storage } from './open-storage.js';
import type { Setting } from './setting.js';

/** Begins what nobody has to ask for: most of it is done by one replica at a time. */
export function beginDuties(setting: Setting, storage: Storage, parts: Parts, app: NestFastifyApplication): void {
  const { status, stops } = setting;
  keepHouse(setting, storage, parts, app);
  const { tailnets, replicas } = parts.control;
  const floor = new ReleaseFloor(app.get(CommandBus), tailnets, replicas, VERSION, setting.logger);
  stops.push(() => floor.stop());
  floor.start();
  publish(setting, storage, parts);
  stops.push(async () => {
    status.drain();
    parts.cluster.leave();
  });
  if (storage.coordination.isShared) watchStore(setting, parts);
}

function keepHouse(
  { options, clock, logger, stops }: Setting,
  { coordination, observability }: Storage,
  { control: { tailnets, replicas } }: Parts,
  app: NestFastifyApplication,
): void {
  const housekeeper = new Housekeeper({
    ...{ tailnets, clock, logger },
    bus: app.get(CommandBus),
    changes: app.get(DueChanges),
    leases: coordination.leases,
    hears: () => replicas.hears,
    ephemeralTimeout: options.ephemeralTimeout ?? DEFAULT_EPHEMERAL_TIMEOUT,
  });
  stops.push(() => housekeeper.stop());
  housekeeper.start();
  observability.metrics.cluster.watchLease('housekeeping', () => housekeeper.active);
}

/** Only where others can listen. */
function publish(
  { options, logger, stops }: Setting,
  { checked, coordination, observability }: Storage,
  { bus, control: { tailnets, flows } }: Parts,
): void {
  observability.metrics.cluster.watchBus(() => bus.health());
  observability.metrics.cluster.watchFlows(flows.counts);
  if (options.kafka === undefined) return;
  const report = (problem: Problem) => logger.warn({ problem }, problem.message);
  const ports = { store: checked, bus, leases: coordination.leases, report };
  stops.push(publishLedger(ports, observability.metrics, () => newestOf(tailnets)));
}

function watchStore({ options, status, logger, stops }: Setting, { control: { following } }: Parts): void {
  const told = (problem: Problem | undefined) => {
    status.store = problem;
    if (problem) logger.warn({ problem }, problem.message);
    else logger.info('the server sees again all that is stored');
  };
  const watch = new StoreWatch(following, told, options.watchMs);
  stops.push(() => watch.stop());
  watch.start();
}

/** When the newest event was recorded. */
const newestOf = (tailnets: Tailnets): number =>
  [...tailnets.all()].reduce((newest, { fold }) => Math.max(newest, fold.state.recordedAt), 0);
