import { X509Certificate } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { Clock } from '#kernel';
import type { Node } from '#tailnet';
import type { ServerStatus } from '../../config/server-status.js';
import type { TlsFiles } from '../../config/tls-files.js';
import type { Tailnet } from '../../tailnet/tailnet.js';
import type { Tailnets } from '../../tailnet/tailnets.js';
import { readGauge } from './read-gauge.js';

const SOON_MS = 86_400_000;
const LOOK_EVERY_MS = 60_000;

/** What this replica has folded, and who is connected to it: all tailnets together, for there may be many. */
export function stateMetrics(
  registry: Registry,
  tailnets: Pick<Tailnets, 'all' | 'paused'>,
  status: ServerStatus,
  clock: Clock,
  tls: TlsFiles | undefined,
): void {
  const sum = (name: string, help: string, of: (tailnet: Tailnet) => number) =>
    readGauge(registry, name, help, () => {
      let total = 0;
      for (const tailnet of tailnets.all()) total += of(tailnet);
      return total;
    });
  sum('netfold_tailnets', 'Tailnets', () => 1);
  readGauge(
    registry,
    'netfold_tailnets_paused',
    'Tailnets that stand still, because the next event of their ledger cannot be taken',
    () => [...tailnets.paused()].length,
  );
  sum('netfold_nodes', 'Nodes of all tailnets', ({ fold }) => fold.state.nodes.size);
  sum('netfold_ledger_events', 'Events that this replica has applied', ({ fold }) => fold.head.revision + 1);
  sum('netfold_agents_connected', 'Agents that are connected to this replica', ({ hub }) => hub.size);
  sum('netfold_agents_behind', 'Of these, agents that have not acknowledged all that concerns them', agentsBehind);
  sum('netfold_changes_waiting', 'Proposed changes that are not applied yet', changesWaiting);
  sum(
    'netfold_emergencies_unseen',
    'Changes past the rules of review that nobody else has taken note of',
    ({ fold }) => fold.state.changes.overrides.size,
  );
  sum('netfold_node_keys_expiring', 'Nodes whose key expires within a day, once a minute', keysExpiring(clock));
  readGauge(registry, 'netfold_ready', '1 while /readyz says that this replica serves', () => +!status.unready);
  if (!tls) return;
  const expires = Date.parse(new X509Certificate(tls.cert).validTo) / 1_000;
  readGauge(registry, 'netfold_tls_certificate_expires_timestamp_seconds', 'When the certificate ends', () => expires);
}

function agentsBehind({ hub }: Tailnet): number {
  let behind = 0;
  for (const stream of hub.streams) if (stream.behind || stream.unacknowledged > 0) behind += 1;
  return behind;
}

function changesWaiting({ fold }: Tailnet): number {
  return fold.state.changes.byId.count(({ stage }) => stage === 'open');
}

/** Looks through all nodes, so not at every scrape. */
function keysExpiring(clock: Clock): (tailnet: Tailnet) => number {
  const seen = new WeakMap<Tailnet, { readonly at: number; readonly count: number }>();
  return (tailnet) => {
    const now = clock.now();
    const last = seen.get(tailnet);
    if (last && now - last.at < LOOK_EVERY_MS) return last.count;
    const isSoon = ({ keyExpiresAt, expired }: Node) =>
      !expired && keyExpiresAt !== null && keyExpiresAt < now + SOON_MS;
    const count = tailnet.fold.state.nodes.count(isSoon);
    seen.set(tailnet, { at: now, count });
    return count;
  };
}
