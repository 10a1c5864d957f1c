import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { NetfoldError } from '#kernel';
import { mayCommand, mayRead, type Reach } from '#tailnet';
import { type Principal, principalOf } from '../auth/api-tokens.js';
import { SystemClock } from '../config/system-clock.js';
import { Following } from '../ledger/following.js';
import { sought } from '../ledger/sought.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { ACCESS, type Access } from './access.js';
import { rememberCaller } from './caller.js';
import { hasComeTo, minRevisionOf } from './min-revision.js';

/**
 * Lets a request pass that carries an API token of the tailnet that it is about, to a route that its roles allow. A
 * route that does not say what it needs is for nobody. What a command may be done to is decided with the command.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tailnets: Tailnets,
    private readonly following: Following,
    private readonly clock: SystemClock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const route = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, route);
    if (access?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { authorization } = request.headers;
    const identify = () => principalOf(this.tailnets, authorization, this.clock.now(), request.ip);
    const principal = await this.#principal(identify, minRevisionOf(request));
    requireSameTailnet(principal, request.params);
    const reach = reachOf(access, principal);
    if (reach === 'no') throw forbidden(principal, access);
    const { paused } = principal.tailnet;
    if (access?.kind === 'write' && paused) throw paused;
    rememberCaller(request, { ...principal, reach });
    return true;
  }

  /** What the caller has seen done elsewhere may be that the token was given a role: it counts once this server has seen it. */
  async #principal(identify: () => Principal, minRevision: number): Promise<Principal> {
    const principal = await sought(identify, this.following);
    if (minRevision < 0) return principal;
    await hasComeTo(minRevision, principal.tailnet, this.following);
    return identify();
  }
}

function reachOf(access: Access | undefined, { roles }: Principal): Reach {
  if (access?.kind === 'read') return mayRead(access.what, roles);
  if (access?.kind !== 'write') return 'no';
  const reaches = access.commands.map((type) => mayCommand(type, roles));
  return (['any', 'own'] as const).find((reach) => reaches.includes(reach)) ?? 'no';
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

function forbidden({ roles }: Principal, access: Access | undefined): NetfoldError {
  const who = `a token with the role ${[...new Set(roles)].join(' of somebody with the role ')}`;
  const what = access?.kind === 'write' ? `use ${access.commands.join(' or ')}` : 'see this';
  return new NetfoldError({ code: 'auth.forbidden', message: `${who} may not ${what}` });
}
