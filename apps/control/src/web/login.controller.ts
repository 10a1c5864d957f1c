import { Body, Controller, Get, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NetfoldError } from '#kernel';
import type { User } from '#tailnet';
import { Public } from '../http/access.js';
import { ownerIdOf } from '../http/views/user-view.js';
import { AdmitPerson } from '../identity/admit-person.js';
import { Identity } from '../identity/identity.js';
import type { Issuer } from '../identity/issuer.js';
import { Observability } from '../observability/observability.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { readCookie, writeCookie } from './cookies.js';
import { type Html, html } from './html.js';
import { sendPage } from './page.js';
import { PageFilter } from './page-filter.js';
import { formOf, isSecure, type Visitor, visitorOf } from './visitor.js';

/** Signing in and out, in a browser. */
@ApiExcludeController()
@Public()
@UseFilters(PageFilter)
@Controller()
export class LoginController {
  constructor(
    private readonly identity: Identity,
    private readonly tailnets: Tailnets,
    private readonly bus: CommandBus,
    private readonly observability: Observability,
  ) {}

  /** What somebody gets who has only heard the name of the server. */
  @Get()
  welcome(@Res() reply: FastifyReply): void {
    this.#redirect(reply, '/login');
  }

  @Get('login')
  async choose(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('next') next?: string,
  ): Promise<void> {
    const visitor = await visitorOf(this.identity, this.tailnets, request, reply);
    const issuers = [...this.identity.issuers.values()];
    const [only] = issuers;
    if (visitor) sendPage(reply, 'Signed in', signedIn(visitor));
    else if (only && issuers.length === 1 && next !== undefined) this.#redirect(reply, loginPath(only, next));
    else sendPage(reply, 'Sign in', choiceOf(issuers, next));
  }

  /** A link is followed by more than people: what it does is done by the button. */
  @Get('login/once/:token')
  async confirm(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    const { login } = this.#owner(await this.identity.links.check(token));
    const content = html`<p>This link signs you in as <strong>${login}</strong>. It works once.</p>
<form method="post" class="actions"><button class="button primary">Sign in</button></form>`;
    sendPage(reply, 'Sign in', content);
  }

  @Post('login/once/:token')
  async redeem(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    const tailnetId = await this.identity.links.redeem(token);
    await this.#begin(reply, this.tailnets.get(tailnetId), this.#owner(tailnetId).id);
    this.#redirect(reply, '/login');
  }

  @Get('login/:issuer')
  async begin(@Param('issuer') name: string, @Res() reply: FastifyReply, @Query('next') next?: string): Promise<void> {
    const issuer = this.#issuer(name);
    const { attempts } = this.identity;
    const { url, attempt } = await issuer.begin(attempts.newState());
    const held = attempts.seal(attempt, issuer.name, localPath(next));
    writeCookie(reply, 'attempt', held, isSecure(this.identity));
    this.#redirect(reply, url.href);
  }

  @Get('login/:issuer/callback')
  async callback(
    @Param('issuer') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('state') state = '',
  ): Promise<void> {
    const secure = isSecure(this.identity);
    const issuer = this.#issuer(name);
    const held = readCookie(request, 'attempt', secure) ?? '';
    const attempt = await this.identity.attempts.take(state, issuer.name, held);
    writeCookie(reply, 'attempt', '', secure);
    const person = await issuer.redeem(new URL(request.url, this.identity.url()), attempt);
    const tailnet = this.tailnets.first();
    const user = await this.bus.execute(new AdmitPerson(tailnet, person, issuer.name, request.ip));
    await this.#begin(reply, tailnet, user.id);
    this.#redirect(reply, attempt.next);
  }

  @Post('logout')
  async logout(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() body: unknown): Promise<void> {
    const visitor = await visitorOf(this.identity, this.tailnets, request, reply);
    if (visitor) formOf(body, visitor.formToken);
    const secure = isSecure(this.identity);
    await this.identity.sessions.end(readCookie(request, 'session', secure) ?? '');
    writeCookie(reply, 'session', '', secure);
    this.#redirect(reply, '/login');
  }

  async #begin(reply: FastifyReply, { id, fold }: Tailnet, userId: string): Promise<void> {
    const token = await this.identity.sessions.begin(id, userId, fold.head.revision);
    writeCookie(reply, 'session', token, isSecure(this.identity));
    this.observability.metrics.requests.signedIn();
  }

  #owner(tailnetId: string): User {
    const state = this.tailnets.get(tailnetId).fold.state;
    const owner = state.users.get(ownerIdOf(state) ?? '');
    if (owner) return owner;
    throw new NetfoldError({ code: 'user.unknown', message: 'this network has no owner who is let in' });
  }

  #issuer(name: string): Issuer {
    const issuer = this.identity.issuers.get(name);
    if (issuer) return issuer;
    const hint = 'choose one at /login';
    throw new NetfoldError({
      code: 'issuer.unknown',
      message: `there is no identity provider ${JSON.stringify(name)}`,
      hint,
    });
  }

  #redirect(reply: FastifyReply, url: string): void {
    void reply.header('cache-control', 'no-store').redirect(url, 303);
  }
}

const signedIn = ({
  user,
  formToken,
}: Visitor): Html => html`<p>You are signed in as <strong>${user.login}</strong>.</p>
<form method="post" action="/logout" class="actions">
<input type="hidden" name="form" value="${formToken}">
<button class="button">Sign out</button>
</form>`;

function choiceOf(issuers: readonly Issuer[], next: string | undefined): Html {
  if (issuers.length === 0) {
    return html`<p>This server knows no identity provider. Whoever runs it can make a link to sign in with:</p>
<p><code>netfold server link</code></p>`;
  }
  const buttons = issuers.map(
    (issuer) => html`<a class="button primary" href="${loginPath(issuer, next)}">Sign in with ${issuer.title}</a>`,
  );
  return html`<div class="actions">${buttons}</div>`;
}

const loginPath = ({ name }: Issuer, next: string | undefined): string =>
  `/login/${name}?next=${encodeURIComponent(localPath(next))}`;

/** A page of ours; whatever else somebody may have put into a link is not followed. */
const localPath = (next: string | undefined): string =>
  next && /^\/(?![/\\])[\x21-\x7e]{0,1000}$/.test(next) ? next : '/login';
