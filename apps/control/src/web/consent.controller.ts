import { Body, Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NetfoldError } from '#kernel';
import { Public } from '../http/access.js';
import { Identity, type WaitingCommandLine, type WaitingMachine } from '../identity/identity.js';
import type { Waiting } from '../identity/waiting-room.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { html } from './html.js';
import { sendPage } from './page.js';
import { PageFilter } from './page-filter.js';
import { formOf, type Visitor, visitorOf } from './visitor.js';

type Kind = 'connect' | 'device';

/** What a person is asked, and told afterwards. */
interface Question {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly warning: string;
  readonly yes: string;
}

/** "Is this machine yours?": a person says yes or no to what waits. */
@ApiExcludeController()
@Public()
@UseFilters(PageFilter)
@Controller()
export class ConsentController {
  constructor(
    private readonly identity: Identity,
    private readonly tailnets: Tailnets,
  ) {}

  @Get('connect/:code')
  askAboutMachine(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
  ): Promise<void> {
    return this.#ask('connect', code, request, reply);
  }

  @Post('connect/:code')
  answerMachine(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
    @Body() body: unknown,
  ): Promise<void> {
    return this.#answer('connect', code, body, request, reply);
  }

  @Get('device/:code')
  askAboutCommandLine(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
  ): Promise<void> {
    return this.#ask('device', code, request, reply);
  }

  @Post('device/:code')
  answerCommandLine(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('code') code: string,
    @Body() body: unknown,
  ): Promise<void> {
    return this.#answer('device', code, body, request, reply);
  }

  async #ask(kind: Kind, code: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const visitor = await this.#visitor(kind, code, request, reply);
    if (!visitor) return;
    const { title, facts, warning, yes } = await this.#question(kind, code);
    const rows = facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`);
    const content = html`<dl>${rows}</dl>
<p>${warning}</p>
<form method="post" class="actions">
<input type="hidden" name="form" value="${visitor.formToken}">
<button class="button primary" name="verdict" value="yes">${yes}</button>
<button class="button" name="verdict" value="no">No</button>
</form>
<p class="quiet">Signed in as ${visitor.user.login}. <a href="/login">Not you?</a></p>`;
    sendPage(reply, title, content);
  }

  async #answer(kind: Kind, code: string, body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const visitor = await this.#visitor(kind, code, request, reply);
    if (!visitor) return;
    const isYes = formOf(body, visitor.formToken).get('verdict') === 'yes';
    const { id: tailnetId, fold } = visitor.tailnet;
    const verdict = isYes ? { tailnetId, userId: visitor.user.id, revision: fold.head.revision } : 'denied';
    if (kind === 'connect') await this.identity.machines.decide(code, verdict);
    else await this.identity.commandLines.decide(code, verdict);
    const [title, text] = isYes
      ? ['Success', 'You can close this page and go back to the terminal.']
      : ['Refused', 'Whatever asked is not let in.'];
    sendPage(reply, title, html`<p role="status">${text}</p>`);
  }

  /** Who has not signed in does that first, and comes back. */
  async #visitor(kind: Kind, code: string, request: FastifyRequest, reply: FastifyReply): Promise<Visitor | undefined> {
    const visitor = await visitorOf(this.identity, this.tailnets, request, reply);
    if (visitor) return visitor;
    const next = encodeURIComponent(`/${kind}/${encodeURIComponent(code)}`);
    void reply.header('cache-control', 'no-store').redirect(`/login?next=${next}`, 303);
    return undefined;
  }

  async #question(kind: Kind, code: string): Promise<Question> {
    const question =
      kind === 'connect'
        ? machineQuestion(await this.identity.machines.find(code))
        : commandLineQuestion(await this.identity.commandLines.find(code));
    if (question) return question;
    const hint = 'begin again on the machine: a code is good for ten minutes, and once';
    throw new NetfoldError({ code: 'login.unknown_code', message: 'nothing waits under this code any more', hint });
  }
}

function machineQuestion(waiting: Waiting<WaitingMachine> | undefined): Question | undefined {
  if (!waiting) return undefined;
  const { hostname, os, tags, machineKey } = waiting.about;
  return {
    title: 'Connect this machine?',
    facts: [
      ['Name', hostname],
      ['System', os],
      ...(tags.length > 0 ? [['Tags', tags.join(', ')] as const] : []),
      ['Address', waiting.from],
      ['Key', machineKey.slice(0, 16)],
      ['Code', waiting.code],
    ],
    warning: 'Say yes only if you have just started netfold on it. It will reach what you may reach.',
    yes: 'Connect',
  };
}

function commandLineQuestion(waiting: Waiting<WaitingCommandLine> | undefined): Question | undefined {
  return (
    waiting && {
      title: 'Let this command line act for you?',
      facts: [
        ['Where', waiting.about.client],
        ['Address', waiting.from],
        ['Code', waiting.code],
      ],
      warning: 'Say yes only if you have just started “netfold login” there. It will be able to do what you may do.',
      yes: 'Allow',
    }
  );
}
