import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { NetfoldError } from '#kernel';

/** Where spans go. */
export interface TraceTarget {
  /** An OTLP/HTTP collector, such as `http://127.0.0.1:4318`; spans are posted to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Of the traces that begin here, which part is kept: from 0 to 1, by default all. */
  readonly ratio?: number;
}

/** A tracer whose spans are sent in batches. */
export interface OpenTracer {
  readonly tracer: Tracer;
  /** Sends what waits, as far as the collector takes it. */
  close(): Promise<void>;
}

/**
 * Loads what sends spans, which costs memory and start time only where somebody wants them. Headers, compression, timeouts
 * and certificates are those of the environment (`OTEL_EXPORTER_OTLP_HEADERS` and so on, OpenTelemetry's specification).
 * @param serviceVersion of this program
 * @throws NetfoldError `control.bad_trace_endpoint`
 */
export async function openTracer({ endpoint, ratio = 1 }: TraceTarget, serviceVersion: string): Promise<OpenTracer> {
  const url = urlOf(endpoint);
  const [sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const resource = resources.resourceFromAttributes({
    'service.name': 'netfold',
    'service.version': serviceVersion,
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
  });
  const told = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new sdk.TracerProvider({
    resource: resource.merge(told),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit: 256, eventCountLimit: 32, linkCountLimit: 64 },
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }), scheduledDelayMillis: 1_000 }),
    ],
  });
  return { tracer: provider.getTracer('netfold', serviceVersion), close: () => provider.shutdown() };
}

function urlOf(endpoint: string): string {
  const bad = () =>
    new NetfoldError({
      code: 'control.bad_trace_endpoint',
      message: 'this is not where traces can be sent',
      where: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      hint: 'name an OTLP/HTTP collector, such as http://127.0.0.1:4318',
    });
  const url = URL.parse(`${endpoint.replace(/\/+$/, '')}/v1/traces`);
  if (!url || !/^https?:$/.test(url.protocol)) throw bad();
  return url.href;
}
