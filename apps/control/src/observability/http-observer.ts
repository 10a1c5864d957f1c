import { randomUUID } from 'node:crypto';
import type { Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Observability } from './observability.js';
import { type RequestContext, requestContext } from './request-context.js';
import { parseTraceparent } from './tracing/trace-context.js';

/** Names a request, in the answer and in the log. */
export const REQUEST_ID = 'Netfold-Request';

const PROBES = new Set(['/livez', '/healthz', '/readyz']);

/** Asked again and again by machines: that is counted, and neither traced nor told. */
export const isProbe = (request: FastifyRequest): boolean => PROBES.has(routeOf(request) ?? '');

interface Watched {
  readonly context: RequestContext;
  readonly span: Span | undefined;
}

/** Counts, times, traces and logs what is asked over HTTP: by the route's template, never by a path, which may hold secrets. */
export function observeHttp(http: FastifyInstance, { metrics, traces }: Observability, logger: Logger): void {
  const watched = new WeakMap<FastifyRequest, Watched>();

  http.addHook('onRequest', (request, reply, done) => {
    const requestId = randomUUID();
    const route = routeOf(request);
    const named = parseTraceparent(one(request.headers.traceparent));
    const attributes = { 'http.request.method': request.method, ...(route && { 'http.route': route }) };
    const span = isProbe(request)
      ? undefined
      : traces.start(`${request.method} ${route ?? 'none'}`, named, { attributes, kind: 'server' });
    watched.set(request, { context: { requestId, trace: span?.spanContext() ?? named }, span });
    void reply.header(REQUEST_ID, requestId);
    done();
  });

  // Not before the body has come: that ends what code is called from.
  http.addHook('preHandler', (request, _reply, done) => {
    const { context } = watched.get(request) ?? {};
    if (context) requestContext.run(context, done);
    else done();
  });

  http.addHook('onResponse', (request, reply, done) => {
    const { context, span } = watched.get(request) ?? {};
    const route = routeOf(request);
    metrics.requests.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    span?.setAttribute('http.response.status_code', reply.statusCode).end();
    const facts = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    logger.debug({ requestId: context?.requestId, traceId: context?.trace?.traceId, ...facts }, 'answered');
    done();
  });
}

const routeOf = ({ routeOptions }: FastifyRequest): string | undefined => routeOptions.url;

const one = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
