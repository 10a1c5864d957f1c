import { AsyncLocalStorage } from 'node:async_hooks';
import type { SpanContext } from '@opentelemetry/api';

/** What somebody asked for, while it is worked on: what log lines and spans are to be found by. */
export interface RequestContext {
  /** Names the request in the log, and in the answer. */
  readonly requestId: string;
  /** The place in a trace that belongs to it: a span of this server's, or what the caller named. */
  readonly trace?: SpanContext | undefined;
}

/** The request that the running code works for. */
export const requestContext = new AsyncLocalStorage<RequestContext>();
