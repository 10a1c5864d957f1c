import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { problemOf } from '#kernel';
import { HTTP_STATUS } from '../problems/http-status.js';
import { kindOf } from '../problems/problem-kind.js';
import { html } from './html.js';
import { sendPage } from './page.js';

/** People get their problems as a page: what was wrong, what to do, and the code to look it up by. */
@Catch()
export class PageFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
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
