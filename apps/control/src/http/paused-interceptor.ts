import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { callerOf } from './caller.js';

/** Names where, and by which problem, the tailnet stands still that an answer is about: `tailnet-x@18 event.newer_version`. */
const HEADER = 'Netfold-Paused';

/** Whoever reads the last good state of a tailnet is told that it is not the newest. */
export class PausedInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const paused = callerOf(context)?.tailnet.paused;
    if (paused) {
      const reply = context.switchToHttp().getResponse<FastifyReply>();
      void reply.header(HEADER, `${paused.where} ${paused.reason.code}`);
    }
    return next.handle();
  }
}
