import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ROLES } from '#policy';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { IssueApiToken, type IssuedApiToken } from '../commands/issue-api-token.js';
import { SystemClock } from '../config/system-clock.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { BodyOf, Valid } from './valid.js';
import { userIdOf } from './views/user-view.js';

const DAY = 86_400_000;

const Wish = z.strictObject({
  role: z.enum(ROLES),
  user: z
    .string()
    .optional()
    .describe('Id or login of the person whom it acts for: it does what the role and the person both may'),
  expiresIn: z
    .int()
    .positive()
    .nullable()
    .default(90 * DAY)
    .describe('Milliseconds from now; null: never'),
  description: z.string().default(''),
});

/** Tokens with which programs use this API, each with a role of its own. */
@ApiTags('credentials')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/api-tokens')
export class ApiTokensController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly clock: SystemClock,
  ) {}

  @Get()
  @Reads('credentials')
  @ApiOperation({ summary: 'All API tokens, without their secrets' })
  async list(@FromCaller() { tailnet, minRevision }: Caller) {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const apiTokens = [...state.apiTokens.values()].map(({ secretHash, userId, ...token }) => ({
      ...token,
      user: state.users.get(userId ?? '')?.login ?? null,
    }));
    return { revision: state.revision, apiTokens };
  }

  @Post()
  @Writes('IssueApiToken')
  @BodyOf(Wish)
  @ApiOperation({ summary: 'Make an API token. Its text is in this answer only; the same Idempotency-Key repeats it' })
  async issue(
    @FromCaller() { tailnet, request, minRevision }: Caller,
    @Body(new Valid(Wish)) { user, expiresIn, ...wish }: z.infer<typeof Wish>,
  ): Promise<IssuedApiToken> {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const person = user === undefined ? {} : { userId: userIdOf(state, user) };
    const expiresAt = expiresIn === null ? null : this.clock.now() + expiresIn;
    return this.commands.execute(new IssueApiToken(tailnet, request, { ...wish, ...person, expiresAt }));
  }

  @Delete(':token')
  @Writes('RevokeApiToken')
  @ApiOperation({ summary: 'Revoke an API token' })
  async revoke(@FromCaller() { tailnet, request }: Caller, @Param('token') tokenId: string): Promise<Changed> {
    const command = { type: 'RevokeApiToken', data: { tokenId } } as const;
    return changed(await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command })));
  }
}
