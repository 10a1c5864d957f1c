import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Everything that is said of a tailnet holds at a revision: the ETag that a change can be made conditional on. */
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((body: unknown) => {
        const revision = body && typeof body === 'object' && 'revision' in body ? body.revision : undefined;
        if (typeof revision === 'number') void reply.header('ETag', `"${revision}"`);
        return body;
      }),
    );
  }
}
