import type { Span } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { StoredEvent } from '#event-store';
import type { Clock } from '#kernel';
import type { AgentStream } from '../stream/agent-stream.js';
import type { SentFrame } from '../stream/sent-frame.js';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import { Convergence } from './convergence.js';
import { Metrics } from './metrics/metrics.js';
import { readGauge } from './metrics/read-gauge.js';
import { requestContext } from './request-context.js';
import { formatTraceparent } from './tracing/trace-context.js';
import { TracedDeliveries } from './tracing/traced-deliveries.js';
import { endWith, Traces } from './tracing/traces.js';

/** Told of what happens to commands, events and frames. */
export class Observability {
  readonly metrics = new Metrics();
  readonly #convergence: Convergence;
  readonly #deliveries: TracedDeliveries;

  constructor(
    clock: Clock,
    private readonly logger: Logger,
    readonly traces = new Traces(),
  ) {
    const { convergence, registry } = this.metrics;
    const deliveries = new TracedDeliveries(traces);
    const measured = new Convergence(
      {
        finished(tailnet, event, ms) {
          convergence.finished(ms);
          deliveries.finished(tailnet, event);
        },
        abandoned(tailnet, event, missing) {
          convergence.abandoned();
          deliveries.abandoned(tailnet, event, missing);
        },
      },
      () => clock.now(),
    );
    this.#deliveries = deliveries;
    this.#convergence = measured;
    const gauge = (name: string, help: string, read: () => number) => readGauge(registry, name, help, read);
    gauge(
      'netfold_convergence_unfinished',
      'Events that an agent here has not acknowledged',
      () => measured.unfinished,
    );
    gauge(
      'netfold_convergence_oldest_seconds',
      'For how long the oldest of those has been on its way',
      () => measured.oldestSeconds,
    );
  }

  /** Carries a command out, in the trace of the request that it came with; its events say which that is. */
  async command(
    tailnet: string,
    request: WriteRequest,
    execute: (request: WriteRequest) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> {
    const { trace } = requestContext.getStore() ?? {};
    const attributes = { 'netfold.tailnet': tailnet, 'netfold.command': request.id };
    const span = this.traces.start(`command ${request.command.type}`, trace, { attributes });
    const place = span?.isRecording() ? span.spanContext() : trace;
    try {
      const outcome = await execute(place ? { ...request, correlation: formatTraceparent(place) } : request);
      this.#done(tailnet, request, outcome, span);
      return outcome;
    } catch (error) {
      endWith(span, error);
      throw error;
    }
  }

  #done(tailnet: string, { id, command }: WriteRequest, { revision, events }: WriteOutcome, span: Span | undefined) {
    span?.setAttributes({ 'netfold.revision': revision, 'netfold.events': events.length }).end();
    const facts = { tailnet, commandId: id, command: command.type, revision, events: events.length };
    this.logger.debug(facts, 'a command was carried out');
  }

  /** An event was applied, and it concerns these agents of this replica. */
  concerns(tailnet: string, event: StoredEvent, streams: readonly object[]): void {
    if (this.#convergence.began(tailnet, event, streams)) this.#deliveries.began(tailnet, event, streams.length);
  }

  /** A frame is on its way to an agent. */
  sent(tailnet: string, stream: AgentStream, frame: SentFrame): void {
    this.#deliveries.sent(tailnet, stream, stream.nodeId, frame);
  }

  /** An agent has all up to this revision. */
  applied(tailnet: string, stream: object, revision: number): void {
    this.#deliveries.applied(tailnet, stream, revision);
    this.#convergence.applied(tailnet, stream, revision);
  }

  /** The stream of an agent has ended. */
  left(tailnet: string, stream: object): void {
    this.#deliveries.applied(tailnet, stream, Number.POSITIVE_INFINITY);
    this.#convergence.left(tailnet, stream);
  }
}
