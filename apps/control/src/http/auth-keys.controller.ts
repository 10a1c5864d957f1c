import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { IssueAuthKey, type IssuedAuthKey } from '../commands/issue-auth-key.js';
import { SystemClock } from '../config/system-clock.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { BodyOf, Valid } from './valid.js';
import { ownerIdOf, userIdOf } from './views/user-view.js';

const DAY = 86_400_000;

const Wish = z.strictObject({
  user: z
    .string()
    .optional()
    .describe('Id or login of who will own the nodes; not together with tags. With neither: the owner of the tailnet'),
  tags: z.array(z.string()).default([]).describe('With their prefix: tag:web'),
  reusable: z.boolean().default(false),
  ephemeral: z.boolean().default(false).describe('Nodes are removed when they have been offline for a while'),
  preapproved: z.boolean().default(false).describe('Nodes need no approval'),
  expiresIn: z
    .int()
    .positive()
    .nullable()
    .default(90 * DAY)
    .describe('Milliseconds from now; null: never'),
  description: z.string().default(''),
});

/** Keys with which machines join without a person at the keyboard. */
@ApiTags('credentials')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/auth-keys')
export class AuthKeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly clock: SystemClock,
  ) {}

  @Get()
  @Reads('credentials')
  @ApiOperation({ summary: 'All auth keys, without their secrets' })
  async list(@FromCaller() { tailnet, minRevision }: Caller) {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const authKeys = [...state.authKeys.values()].map(({ secretHash, userId, ...key }) => ({
      ...key,
      user: state.users.get(userId ?? '')?.login ?? null,
    }));
    return { revision: state.revision, authKeys };
  }

  @Post()
  @Writes('IssueAuthKey')
  @BodyOf(Wish)
  @ApiOperation({ summary: 'Make an auth key. Its text is in this answer only; the same Idempotency-Key repeats it' })
  async issue(
    @FromCaller() { tailnet, request, minRevision }: Caller,
    @Body(new Valid(Wish)) { user, expiresIn, ...wish }: z.infer<typeof Wish>,
  ): Promise<IssuedAuthKey> {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const userId = user === undefined && wish.tags.length === 0 ? ownerIdOf(state) : user && userIdOf(state, user);
    const expiresAt = expiresIn === null ? null : this.clock.now() + expiresIn;
    return this.commands.execute(new IssueAuthKey(tailnet, request, { ...wish, ...(userId && { userId }), expiresAt }));
  }

  @Delete(':key')
  @Writes('RevokeAuthKey')
  @ApiOperation({ summary: 'Revoke an auth key; nodes that joined with it stay' })
  async revoke(@FromCaller() { tailnet, request }: Caller, @Param('key') keyId: string): Promise<Changed> {
    const command = { type: 'RevokeAuthKey', data: { keyId } } as const;
    return changed(await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command })));
  }
}
