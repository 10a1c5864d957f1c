import type { Span } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import type { StoredEvent } from '#event-store';
import type { SentFrame } from '../../stream/sent-frame.js';
import { parseTraceparent } from './trace-context.js';
import type { Traces } from './traces.js';

/** An event whose way to the agents is traced. */
interface Delivery {
  readonly revision: number;
  readonly span: Span;
  readonly frames: Map<object, Span>;
  told: number;
}

/** So many agents have a span of their own: enough to see what a delivery is made of, however many there are. */
const MOST_FRAMES = 16;

/**
 * The way of traced events to the agents of this replica: one span from when an event was applied until the last
 * acknowledgement, and one below it for the frame of each of the first agents. An event says itself which trace it belongs
 * to, so whichever replica serves an agent adds to the trace of the command.
 */
export class TracedDeliveries {
  readonly #byTailnet = new Map<string, Delivery[]>();

  constructor(private readonly traces: Traces) {}

  began(tailnet: string, event: StoredEvent, agents: number): void {
    const parent = this.traces.on ? parseTraceparent(event.correlation) : undefined;
    if (!parent) return;
    const attributes = { 'netfold.tailnet': tailnet, 'netfold.revision': event.revision, 'netfold.agents': agents };
    const span = this.traces.start('deliver', parent, { attributes, kind: 'consumer' });
    if (!span) return;
    const list = this.#byTailnet.get(tailnet) ?? [];
    list.push({ revision: event.revision, span, frames: new Map(), told: 0 });
    this.#byTailnet.set(tailnet, list);
  }

  /** A frame is on its way; it may bring several events. */
  sent(tailnet: string, stream: object, nodeId: string, { revision, base = -1, bytes }: SentFrame): void {
    for (const delivery of this.#byTailnet.get(tailnet) ?? []) {
      if (delivery.revision <= base || delivery.revision > revision || delivery.frames.has(stream)) continue;
      if (delivery.told++ >= MOST_FRAMES) continue;
      const attributes = {
        'netfold.node': nodeId,
        'netfold.revision': revision,
        'netfold.base': base,
        'netfold.bytes': bytes,
      };
      const span = this.traces.start('frame', delivery.span.spanContext(), { attributes, kind: 'producer' });
      if (span) delivery.frames.set(stream, span);
    }
  }

  /** An agent has all up to this revision. */
  applied(tailnet: string, stream: object, revision: number): void {
    for (const delivery of this.#byTailnet.get(tailnet) ?? []) {
      if (delivery.revision > revision) continue;
      delivery.frames.get(stream)?.end();
      delivery.frames.delete(stream);
    }
  }

  finished(tailnet: string, { revision }: StoredEvent): void {
    this.#take(tailnet, revision)?.span.end();
  }

  abandoned(tailnet: string, { revision }: StoredEvent, missing: number): void {
    const delivery = this.#take(tailnet, revision);
    for (const frame of delivery?.frames.values() ?? []) frame.end();
    delivery?.span
      .setAttribute('netfold.missing', missing)
      .setStatus({ code: SpanStatusCode.ERROR, message: 'not acknowledged' })
      .end();
  }

  #take(tailnet: string, revision: number): Delivery | undefined {
    const list = this.#byTailnet.get(tailnet) ?? [];
    const delivery = list.find((one) => one.revision === revision);
    if (list.length <= 1 && delivery) this.#byTailnet.delete(tailnet);
    else if (delivery)
      this.#byTailnet.set(
        tailnet,
        list.filter((one) => one !== delivery),
      );
    return delivery;
  }
}
