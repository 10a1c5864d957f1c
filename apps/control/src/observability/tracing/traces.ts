import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { problemOf } from '#kernel';

/** What is told of a span when it begins: never anything that somebody keeps secret, and nothing that names a person. */
export interface SpanStart {
  readonly attributes?: Attributes;
  readonly kind?: 'server' | 'producer' | 'consumer';
}

const KINDS = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };

/** Begins spans where somebody collects them; where nobody does, there are none. */
export class Traces {
  constructor(private readonly tracer?: Tracer) {}

  get on(): boolean {
    return this.tracer !== undefined;
  }

  /** @param parent undefined: the span begins a trace of its own */
  start(name: string, parent: SpanContext | undefined, { attributes = {}, kind }: SpanStart = {}): Span | undefined {
    if (!this.tracer) return undefined;
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const options = { attributes, kind: kind ? KINDS[kind] : SpanKind.INTERNAL, root: parent === undefined };
    return this.tracer.startSpan(name, options, context);
  }
}

/** Ends a span with the code of what went wrong; messages may quote what somebody sent, so they stay out. */
export function endWith(span: Span | undefined, error: unknown): void {
  const { code } = problemOf(error);
  span?.setAttribute('netfold.problem', code).setStatus({ code: SpanStatusCode.ERROR, message: code }).end();
}
