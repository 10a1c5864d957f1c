import type { Logger } from 'pino';
import { type Clock, problemOf } from '#kernel';
import type { ControlOptions } from '../config/control-options.js';
import type { ServerStatus } from '../config/server-status.js';
import type { TlsFiles } from '../config/tls-files.js';
import type { LiveStreams } from '../stream/live-streams.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { stateMetrics } from './metrics/state-metrics.js';
import { streamMetrics } from './metrics/stream-metrics.js';
import { listenForMetrics, type MetricsListener } from './metrics-listener.js';
import { Observability } from './observability.js';
import { openTracer } from './tracing/open-tracer.js';
import { Traces } from './tracing/traces.js';

/** What is told of this control plane, and how to end that. */
export interface OpenObservability {
  readonly observability: Observability;
  /** Sends the spans that wait. */
  close(): Promise<void>;
}

/**
 * Begins to watch. Spans are collected only where there is somewhere to send them to.
 * @throws NetfoldError `control.bad_trace_endpoint`
 */
export async function openObservability(
  { traces }: Pick<ControlOptions, 'traces'>,
  version: string,
  clock: Clock,
  logger: Logger,
): Promise<OpenObservability> {
  const open = traces && (await openTracer(traces, version));
  return {
    observability: new Observability(clock, logger, new Traces(open?.tracer)),
    close: async () =>
      open?.close().catch((error) => logger.warn({ problem: problemOf(error) }, 'spans were not sent')),
  };
}

/** What metrics are read from. */
export interface MetricsSources {
  readonly tailnets: Tailnets;
  readonly live: LiveStreams;
  readonly status: ServerStatus;
  readonly clock: Clock;
  readonly tls: TlsFiles | undefined;
}

/**
 * Serves the metrics, if they are to be served.
 * @throws NetfoldError `control.cannot_listen`
 */
export async function serveMetrics(
  { metrics }: Observability,
  address: ControlOptions['metrics'],
  { tailnets, live, status, clock, tls }: MetricsSources,
  logger: Logger,
): Promise<MetricsListener | undefined> {
  stateMetrics(metrics.registry, tailnets, status, clock, tls);
  streamMetrics(metrics.registry, live.counters);
  if (!address) return undefined;
  metrics.watchProcess();
  try {
    return await listenForMetrics(metrics.registry, address);
  } catch (error) {
    if (!address.mayFail) throw error;
    logger.warn({ problem: problemOf(error) }, 'metrics are not served');
    return undefined;
  }
}
