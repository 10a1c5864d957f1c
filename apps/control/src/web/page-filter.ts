import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '#kernel';
import { Observability } from '../observability/observability.js';
import { HTTP_STATUS } from '../problems/http-status.js';
import { kindOf } from '../problems/problem-kind.js';
import { html } from './html.js';
import { sendPage } from './page.js';

/** Where it means that somebody was not let in. */
const SIGN_INS: ReadonlySet<string> = new Set(['/login/:issuer/callback', '/login/once/:token']);

/** People get their problems as a page: what was wrong, what to do, and the code to look it up by. */
@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(private readonly observability: Observability) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
    const { requests } = this.observability.metrics;
    requests.problem('page', problem.code);
    const { url } = host.switchToHttp().getRequest<FastifyRequest>().routeOptions;
    if (url && SIGN_INS.has(url)) requests.signedIn(problem.code);
    const isOurs = problem.code === 'internal';
    const message = isOurs ? 'The server has failed; its log says why.' : problem.message;
    const content = html`<p class="problem" role="alert">${message}</p>
<p>${isOurs ? '' : (problem.hint ?? '')}</p>
<p class="quiet">${problem.code}</p>
<p class="actions"><a class="button" href="/login">Sign in again</a></p>`;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    sendPage(reply, 'That did not work', content, HTTP_STATUS[kindOf(problem)]);
  }
}
