import { randomUUID } from 'node:crypto';
import { problemOf } from '#kernel';
import type { Observability } from './observability.js';
import { requestContext } from './request-context.js';
import { endWith } from './tracing/traces.js';

/** Counts and traces the calls of one method, and names each in the log. */
export function observedCall<A extends readonly unknown[], R>(
  { metrics, traces }: Observability,
  method: string,
  handle: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const span = traces.start(`AgentService/${method}`, undefined, { kind: 'server' });
    const context = { requestId: randomUUID(), trace: span?.spanContext() };
    try {
      const answer = await requestContext.run(context, () => handle(...args));
      span?.end();
      metrics.requests.called(method);
      return answer;
    } catch (error) {
      endWith(span, error);
      metrics.requests.called(method, problemOf(error).code);
      throw error;
    }
  };
}
