import { Body, Controller, Get, Header, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { NetfoldError } from '#kernel';
import type { PolicyProblem } from '#policy';
import { PublishPolicy } from '../changes/publish-policy.js';
import { CheckPolicy, type PolicyCheck } from '../queries/check-policy.js';
import { ExplainPolicy, type PolicyExplanation } from '../queries/explain-policy.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { AT, asked } from './past.js';
import { Valid } from './valid.js';

const HUJSON = 'application/hujson';
const Flow = z.object({ src: z.string().min(1), dst: z.string().min(1) });
const PolicyBody = () => ApiBody({ schema: { type: 'string', description: 'The policy file, as HuJSON' } });

/** The access policy: a HuJSON text, kept as it was written. */
@ApiTags('policy')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/policy')
export class PolicyController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Reads('policy')
  @Header('Content-Type', `${HUJSON}; charset=utf-8`)
  @ApiProduces(HUJSON)
  @ApiOperation({ summary: 'The policy in force, as text' })
  @ApiQuery(AT)
  async get(
    @FromCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('at') at?: unknown,
  ): Promise<string> {
    const { state } = await asked(this.queries, caller, at);
    void reply.header('ETag', `"${state.revision}"`);
    return state.policy.text;
  }

  @Put()
  @Writes('PublishAcl')
  @ApiConsumes(HUJSON, 'text/plain')
  @PolicyBody()
  @ApiOperation({ summary: 'Publish a policy; one with errors or failing tests is refused' })
  async publish(
    @FromCaller() { tailnet, request, replaces }: Caller,
    @Body() body: unknown,
  ): Promise<Changed & { problems: readonly PolicyProblem[] }> {
    const text = policyText(body);
    const { problems } = await this.queries.execute(new CheckPolicy(tailnet, text));
    const outcome = await this.commands.execute(new PublishPolicy(tailnet, request, text, replaces));
    return { ...changed(outcome), problems };
  }

  @Post('check')
  @Reads('policy')
  @HttpCode(200)
  @ApiConsumes(HUJSON, 'text/plain')
  @PolicyBody()
  @ApiOperation({ summary: 'Whether a policy could be published, and everything that is wrong or unwise about it' })
  check(@FromCaller() { tailnet }: Caller, @Body() body: unknown): Promise<PolicyCheck> {
    return this.queries.execute(new CheckPolicy(tailnet, policyText(body)));
  }

  @Get('explain')
  @Reads('policy')
  @ApiOperation({ summary: 'Whether the policy in force lets one reach another, and by which rule' })
  @ApiQuery({ name: 'src', description: 'A node, user, group, tag, host of the policy, or address' })
  @ApiQuery({ name: 'dst', description: 'The same, with a port and perhaps a protocol: web-1:443, tag:dns:53/udp' })
  async explain(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Query(new Valid(Flow, 'query')) { src, dst }: z.infer<typeof Flow>,
  ): Promise<PolicyExplanation> {
    await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return this.queries.execute(new ExplainPolicy(tailnet, src, dst));
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
