import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { callerOf } from './caller.js';

/** The header that every answer about a tailnet has: the revision that it was worked out from, or that a change made. */
export const REVISION = 'Netfold-Revision';

/**
 * Everything that is said of a tailnet holds at a revision: the ETag that a change can be made conditional on, and what a
 * client names to any server to be answered from there or later.
 */
export class RevisionInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const before = callerOf(context)?.tailnet.fold.head.revision;
    // Of what begins to answer at once, and of what fails.
    if (before !== undefined) void reply.header(REVISION, String(before));
    return next.handle().pipe(
      map((body: unknown) => {
        const revision = body && typeof body === 'object' && 'revision' in body ? body.revision : undefined;
        if (typeof revision !== 'number') return body;
        void reply.header('ETag', `"${revision}"`);
        if (before !== undefined) void reply.header(REVISION, String(revision));
        return body;
      }),
    );
  }
}
