import { Body, Controller, Get, Header, HttpCode, Post, Put, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NetfoldError } from '#kernel';
import type { PolicyProblem } from '#policy';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { CheckPolicy, type PolicyCheck } from '../queries/check-policy.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { ForAuditors } from './token-guard.js';

const HUJSON = 'application/hujson';
const PolicyBody = () => ApiBody({ schema: { type: 'string', description: 'The policy file, as HuJSON' } });

/** The access policy: a HuJSON text, kept as it was written. */
@ApiTags('policy')
@ApiBearerAuth()
@ForAuditors()
@Controller('api/v1/tailnets/:tailnet/policy')
export class PolicyController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Header('Content-Type', `${HUJSON}; charset=utf-8`)
  @ApiProduces(HUJSON)
  @ApiOperation({ summary: 'The policy in force, as text' })
  async get(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    void reply.header('ETag', `"${state.revision}"`);
    return state.policy.text;
  }

  @Put()
  @ApiConsumes(HUJSON, 'text/plain')
  @PolicyBody()
  @ApiOperation({ summary: 'Publish a policy; one with errors or failing tests is refused' })
  async publish(
    @FromCaller() { tailnet, request }: Caller,
    @Body() body: unknown,
  ): Promise<Changed & { problems: readonly PolicyProblem[] }> {
    const text = policyText(body);
    const { problems } = await this.queries.execute(new CheckPolicy(tailnet, text));
    const command = { type: 'PublishAcl', data: { text } } as const;
    const outcome = await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command }));
    return { ...changed(outcome), problems };
  }

  @Post('check')
  @HttpCode(200)
  @ApiConsumes(HUJSON, 'text/plain')
  @PolicyBody()
  @ApiOperation({ summary: 'Whether a policy could be published, and everything that is wrong or unwise about it' })
  check(@FromCaller() { tailnet }: Caller, @Body() body: unknown): Promise<PolicyCheck> {
    return this.queries.execute(new CheckPolicy(tailnet, policyText(body)));
  }
}

function policyText(body: unknown): string {
  if (typeof body === 'string') return body;
  throw new NetfoldError({
    code: 'http.bad_body',
    message: 'the body is not a policy file',
    hint: `send the HuJSON text with Content-Type: ${HUJSON}`,
  });
}
