import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { systemRandom } from '#host';
import { NetfoldError, newId } from '#kernel';
import type { Reach } from '#tailnet';
import type { Principal } from '../auth/api-tokens.js';
import { commandIdOf } from '../auth/command-id.js';
import type { WriteRequest } from '../tailnet/decide-batch.js';
import { minRevisionOf } from './min-revision.js';
import { emergencyOf, programOf, reasonOf } from './provenance.js';

/** Who calls, about which tailnet, how far that may go, and on what condition. */
export interface Caller extends Principal {
  /** Of a route that reads: all there is, or what is the caller's own. */
  readonly reach: Reach;
  /** What a command needs beside what it is to do. */
  readonly request: Omit<WriteRequest, 'command'>;
  /** Whatever there is may be replaced, seen or not: `If-Match: *`. */
  readonly replaces: boolean;
  /** Answer from this revision or a later one. */
  readonly minRevision: number;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Notes who makes a request. */
export function rememberCaller(request: FastifyRequest, principal: Principal & { readonly reach: Reach }): void {
  const { kind, id } = principal.actor;
  const via = programOf(header(request, 'netfold-client'));
  const actor = { ...principal.actor, ...(via !== undefined && { via }) };
  const key = header(request, 'idempotency-key');
  const expectedRevision = ifMatch(header(request, 'if-match'));
  const emergency = emergencyOf(header(request, 'netfold-emergency'));
  const reason = reasonOf(header(request, 'netfold-reason')) ?? emergency;
  callers.set(request, {
    ...principal,
    actor,
    request: {
      id: key === undefined ? newId('request', systemRandom) : commandIdOf(`${kind}:${id}`, key, contentOf(request)),
      actor,
      ...(expectedRevision !== undefined && { expectedRevision }),
      ...(reason !== undefined && { reason }),
      ...(emergency !== undefined && { emergency }),
    },
    replaces: header(request, 'if-match') === '*',
    minRevision: minRevisionOf(request),
  });
}

/** All that decides what a request is to do: another request with the same key is a mistake. */
const contentOf = ({ method, url, body }: FastifyRequest): string =>
  `${method} ${url}\n${typeof body === 'string' ? body : (JSON.stringify(body) ?? '')}`;

/** The caller of a request; undefined when the route is public. */
export const callerOf = (context: ExecutionContext): Caller | undefined =>
  callers.get(context.switchToHttp().getRequest<FastifyRequest>());

/** The caller of a request that the guard let pass. */
export const FromCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(context);
  if (caller) return caller;
  throw new NetfoldError({ code: 'auth.no_token', message: 'this route is public and knows no caller' });
});

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

function ifMatch(value: string | undefined): number | undefined {
  if (value === undefined || value === '*') return undefined;
  const revision = /^(?:W\/)?"?(\d{1,15})"?$/.exec(value)?.[1];
  if (revision !== undefined) return Number(revision);
  throw new NetfoldError({
    code: 'http.bad_if_match',
    message: `${value} is not a revision`,
    where: 'If-Match',
    hint: 'send back the ETag that you were given',
  });
}
