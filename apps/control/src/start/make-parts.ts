import { join } from 'node:path';
import { FileSnapshotCache } from '#history';
import { systemRandom } from '#host';
import { newId } from '#kernel';
import type { Bus } from '#messaging';
import { Notary } from '../checkpoint/notary.js';
import { agentsUrlOf, parseAgentsUrl } from '../cluster/agents-url.js';
import { Cluster } from '../cluster/cluster.js';
import { openReplicaBus } from '../cluster/open-replica-bus.js';
import type { ControlParts } from '../control.module.js';
import { openDeliveryLog } from '../delivery/open-delivery-log.js';
import { SharedDelivery } from '../delivery/shared-delivery.js';
import { Witnesses } from '../delivery/witnesses.js';
import { FlowLog } from '../flows/flow-log.js';
import { Identity } from '../identity/identity.js';
import { readIssuers } from '../identity/issuer-options.js';
import { Following } from '../ledger/following.js';
import { Ledger } from '../ledger/ledger.js';
import { People } from '../personal-data/people.js';
import { LiveStreams } from '../stream/live-streams.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { VERSION } from '../version.js';
import type { Storage } from './open-storage.js';
import type { Setting } from './setting.js';

/** All that serves, before anything is read or anybody is listened to. */
export interface Parts {
  readonly control: ControlParts;
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly shared: SharedDelivery;
}

/** @throws NetfoldError `bus.…`, `control.bad_agents_url`, `oidc.…` when an option cannot be understood */
export function makeParts(setting: Setting, storage: Storage): Parts {
  const { options, secrets, clock, logger, status, url, stops } = setting;
  const { store, sealed, codec, coordination, observability } = storage;
  const { people, registers } = coordination;
  const issuers = options.oidcFile === undefined ? [] : readIssuers(options.oidcFile);
  const { bus, closeBus } = openReplicaBus(options, logger);
  stops.push(closeBus);
  const self = newId('replica', systemRandom);
  const told = options.agentsUrl === undefined ? undefined : parseAgentsUrl(options.agentsUrl);
  const agentsUrl = () => told ?? agentsUrlOf(url(), status.grpcPort);
  const cluster = new Cluster(bus, { self, agentsUrl, reads: codec.level, beatMs: options.beatMs });
  const tailnets = tailnetsOf(setting, storage, cluster);
  const notary = new Notary(secrets);
  const delivery = openDeliveryLog(join(options.stateDir, 'delivery.db'), clock, logger);
  stops.push(async () => delivery.close());
  const shared = new SharedDelivery(delivery, bus, self);
  stops.push(() => shared.close());
  const flows = new FlowLog(options.bus ?? (options.kafka === undefined ? undefined : bus), clock);
  stops.push(() => flows.close());
  const witnesses = new Witnesses(delivery, clock);
  const control: ControlParts = {
    ...{ tailnets, notary, delivery, witnesses, secrets, clock, status, observability, logger },
    ledger: new Ledger(store),
    following: new Following(sealed),
    replicas: cluster.replicas,
    live: new LiveStreams(notary, witnesses, logger, observability),
    flows,
    people: new People(people),
    identity: new Identity(url, issuers, registers, secrets, clock),
    random: systemRandom,
  };
  return { control, bus, cluster, shared };
}

function tailnetsOf(
  { options, secrets, clock, logger, fault }: Setting,
  { store, sealed, codec, coordination, observability }: Storage,
  { neighbours }: Cluster,
): Tailnets {
  return new Tailnets({
    ...{ store, codec, clock, fault, neighbours },
    people: coordination.people,
    observer: observability,
    snapshots: {
      cache: new FileSnapshotCache(join(options.stateDir, 'snapshots')),
      secret: secrets.derive('snapshots'),
      release: VERSION,
      kept: sealed,
      report: (problem) => logger.warn({ problem }, 'a snapshot is not used; it is made again'),
    },
  });
}
