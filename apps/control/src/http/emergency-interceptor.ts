import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { callerOf } from './caller.js';

/** The header that counts the emergencies which nobody else has taken note of. */
export const EMERGENCIES = 'Netfold-Emergencies';

/** Whoever asks about a tailnet hears that a rule of review was set aside, until somebody has looked at it. */
export class EmergencyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const count = callerOf(context)?.tailnet.fold.state.changes.overrides.size ?? 0;
    if (count > 0) void context.switchToHttp().getResponse<FastifyReply>().header(EMERGENCIES, String(count));
    return next.handle();
  }
}
