import type { Registry } from 'prom-client';
import type { StreamCounters } from '../../stream/stream-counters.js';
import { readCounter } from './read-counter.js';

/** What the agents' streams have sent, and how they began. */
export function streamMetrics(registry: Registry, counters: StreamCounters): void {
  const causes = () => Object.entries(counters.sent);
  readCounter(registry, 'netfold_stream_messages_total', CAUSES, ['cause'], () =>
    causes().map(([cause, { messages }]) => [{ cause }, messages] as const),
  );
  readCounter(
    registry,
    'netfold_stream_bytes_total',
    'Bytes of those messages, before transport framing',
    ['cause'],
    () => causes().map(([cause, { bytes }]) => [{ cause }, bytes] as const),
  );
  readCounter(registry, 'netfold_netmaps_sent_total', 'Netmaps that were sent, whole or as a diff', ['form'], () => [
    [{ form: 'snapshot' }, counters.snapshots],
    [{ form: 'diff' }, counters.diffs],
  ]);
  readCounter(registry, 'netfold_stream_opens_total', 'How the streams of agents began', ['kind'], () => [
    [{ kind: 'resumed' }, counters.resumed],
    [{ kind: 'refused' }, counters.resumesRefused],
    [{ kind: 'fresh' }, counters.fresh],
  ]);
  readCounter(
    registry,
    'netfold_netmaps_refused_total',
    'Netmaps that an agent could not apply or applied to another digest (disagreed), or that are not in force as a whole',
    ['why'],
    () => [
      [{ why: 'disagreed' }, counters.netmapsRefused - counters.notInForce],
      [{ why: 'not_in_force' }, counters.notInForce],
    ],
  );
}

const CAUSES =
  'Messages to agents by what caused them: the type of an event, or snapshot, resume, presence, letter, control';
