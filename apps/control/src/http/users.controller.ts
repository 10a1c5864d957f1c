import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ROLES } from '#policy';
import type { TailnetCommand } from '#tailnet';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { ErasePerson } from '../commands/erase-person.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { AT, asked, userIdThen } from './past.js';
import { sightOf } from './sight.js';
import { BodyOf, Valid } from './valid.js';
import { groupsOf, unknownUser, userIdOf } from './views/user-view.js';

const NewUser = z.strictObject({
  login: z.string().describe('The name that policies use: alice@example.com'),
  displayName: z.string().default(''),
  role: z.enum(ROLES).default('member'),
});
const RoleChange = z.strictObject({ role: z.enum(ROLES) });

/** The people of a tailnet. A user is named by id or by login. */
@ApiTags('users')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/users')
export class UsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Reads('users')
  @ApiOperation({ summary: 'All users' })
  @ApiQuery(AT)
  async list(@FromCaller() caller: Caller, @Query('at') at?: unknown) {
    const { state, as } = await asked(this.queries, caller, at);
    const sight = sightOf(caller, state);
    const users = [...state.users.values()]
      .filter((user) => sight.user(user))
      .sort((a, b) => (a.login < b.login ? -1 : 1));
    return { ...as, users };
  }

  @Get(':user')
  @Reads('users')
  @ApiOperation({ summary: 'One user' })
  @ApiQuery(AT)
  async get(@FromCaller() caller: Caller, @Param('user') idOrLogin: string, @Query('at') at?: unknown) {
    const { state, as } = await asked(this.queries, caller, at);
    const find =
      at === undefined ? () => userIdOf(state, idOrLogin) : () => userIdThen(caller.tailnet, state, idOrLogin);
    const user = state.users.get(find());
    if (!user || !sightOf(caller, state).user(user)) throw unknownUser(idOrLogin);
    const nodes = [...state.nodes.values()].filter(({ userId }) => userId === user.id).map(({ name }) => name);
    return { ...as, user: { ...user, groups: groupsOf(state, user.login), nodes: nodes.sort() } };
  }

  @Post()
  @Writes('AddUser')
  @BodyOf(NewUser)
  @ApiOperation({ summary: 'Add a user' })
  async add(
    @FromCaller() { tailnet, request }: Caller,
    @Body(new Valid(NewUser)) user: z.infer<typeof NewUser>,
  ): Promise<Changed & { userId: string }> {
    const userId = `user_${request.id.slice(0, 16)}`;
    const command = { type: 'AddUser', data: { userId, ...user } } as const;
    return {
      ...changed(await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command }))),
      userId,
    };
  }

  @Post(':user/role')
  @Writes('ChangeUserRole')
  @HttpCode(200)
  @BodyOf(RoleChange)
  @ApiOperation({ summary: 'Give a user another role' })
  changeRole(
    @FromCaller() caller: Caller,
    @Param('user') user: string,
    @Body(new Valid(RoleChange)) { role }: z.infer<typeof RoleChange>,
  ): Promise<Changed> {
    return this.#change(caller, user, (userId) => ({ type: 'ChangeUserRole', data: { userId, role } }));
  }

  @Post(':user/suspend')
  @Writes('SuspendUser')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take all access away from a user and the nodes of that user, until resumed' })
  suspend(@FromCaller() caller: Caller, @Param('user') user: string): Promise<Changed> {
    return this.#change(caller, user, (userId) => ({ type: 'SuspendUser', data: { userId } }));
  }

  @Post(':user/resume')
  @Writes('ResumeUser')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a suspended user access again' })
  resume(@FromCaller() caller: Caller, @Param('user') user: string): Promise<Changed> {
    return this.#change(caller, user, (userId) => ({ type: 'ResumeUser', data: { userId } }));
  }

  @Delete(':user')
  @Writes('RemoveUser')
  @ApiOperation({ summary: 'Remove a user with all nodes and auth keys; tagged nodes stay' })
  remove(@FromCaller() caller: Caller, @Param('user') user: string): Promise<Changed> {
    return this.#change(caller, user, (userId) => ({ type: 'RemoveUser', data: { userId } }));
  }

  @Post(':user/erase')
  @Writes('ErasePerson')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Remove a user, or somebody who only is named somewhere, and destroy what the ledger knows of them by name',
  })
  async erase(@FromCaller() { tailnet, request, minRevision }: Caller, @Param('user') user: string): Promise<Changed> {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return changed(await this.commands.execute(new ErasePerson(tailnet, request, state, user)));
  }

  async #change(caller: Caller, user: string, command: (userId: string) => TailnetCommand): Promise<Changed> {
    const { tailnet, request, minRevision } = caller;
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const earlier = state.outcomes.revisionOf(request.id);
    if (earlier !== undefined) return { revision: earlier, events: [] }; // the user may be gone since
    const change = new ChangeTailnet(tailnet, { ...request, command: command(userIdOf(state, user)) });
    return changed(await this.commands.execute(change));
  }
}
