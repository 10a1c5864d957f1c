import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { NetfoldError } from '#kernel';
import type { Role } from '#policy';
import { type Principal, principalOf } from '../auth/api-tokens.js';
import { SystemClock } from '../config/system-clock.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { rememberCaller } from './caller.js';

const ACCESS = 'netfold:access';

/** `public`: anybody; `audit`: those who may see who did what and what is allowed. */
type Access = 'public' | 'audit';

/** Needs no token. */
export const Public = () => SetMetadata(ACCESS, 'public' satisfies Access);

/** Shows more than who is there: not for members. */
export const ForAuditors = () => SetMetadata(ACCESS, 'audit' satisfies Access);

const AUDITORS: ReadonlySet<Role> = new Set(['owner', 'admin', 'it-admin', 'network-admin', 'auditor']);

/**
 * Lets a request pass that carries an API token of the tailnet that it is about. What a command may do is decided with
 * the command; here it is only what may be seen.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tailnets: Tailnets,
    private readonly clock: SystemClock,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const principal = principalOf(this.tailnets, request.headers.authorization, this.clock.now(), request.ip);
    requireSameTailnet(principal, request.params);
    if (access === 'audit' && !AUDITORS.has(principal.role)) throw forbidden(principal);
    rememberCaller(request, principal);
    return true;
  }
}

function requireSameTailnet({ tailnet }: Principal, params: unknown): void {
  const named = params && typeof params === 'object' && 'tailnet' in params ? params.tailnet : '-';
  if (named === '-' || named === tailnet.id || named === tailnet.fold.state.tailnet?.name) return;
  // The same answer whether there is such a tailnet or not.
  throw new NetfoldError({
    code: 'tailnet.unknown',
    message: `your token knows no tailnet ${JSON.stringify(named)}`,
    hint: "use '-' for the tailnet of your token",
  });
}

const forbidden = ({ role }: Principal): NetfoldError =>
  new NetfoldError({ code: 'auth.forbidden', message: `a token with the role ${role} may not see this` });
