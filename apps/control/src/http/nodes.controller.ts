import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Node, TailnetCommand, TailnetState } from '#tailnet';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { AT, asked, nodeThen } from './past.js';
import { sightOf } from './sight.js';
import { BodyOf, Valid } from './valid.js';
import { nodeOf, nodeView, unknownNode } from './views/node-view.js';

const Rename = z.strictObject({
  name: z.string().nullable().describe('A DNS label; null: follow the host name again'),
});
const Tags = z.strictObject({ tags: z.array(z.string()).describe('All its tags, with their prefix: tag:web') });
const Expiry = z.strictObject({
  keyExpiresAt: z.int().nullable().describe('Milliseconds since the Unix epoch; null: never'),
});
const Route = z.strictObject({ prefix: z.string().describe('As the node advertises it: 192.168.1.0/24') });

/** The machines of a tailnet. A node is named by its id or by its name. */
@ApiTags('nodes')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/nodes')
export class NodesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Reads('nodes')
  @ApiOperation({ summary: 'All nodes, with who is online' })
  @ApiQuery(AT)
  async list(@FromCaller() caller: Caller, @Query('at') at?: unknown) {
    const { state, as } = await asked(this.queries, caller, at);
    const presence = at === undefined ? caller.tailnet.presence : undefined;
    const sight = sightOf(caller, state);
    const seen = [...state.nodes.values()].filter((node) => sight.node(node));
    const nodes = seen.map((node) => nodeView(state, node, presence));
    return { ...as, nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  @Get(':node')
  @Reads('nodes')
  @ApiOperation({ summary: 'One node' })
  @ApiQuery(AT)
  async get(@FromCaller() caller: Caller, @Param('node') idOrName: string, @Query('at') at?: unknown) {
    const { state, as } = await asked(this.queries, caller, at);
    const { tailnet } = caller;
    if (at !== undefined) return { ...as, node: nodeView(state, nodeThen(tailnet, state, idOrName), undefined) };
    const node = nodeOf(state, idOrName);
    if (!sightOf(caller, state).node(node)) throw unknownNode(idOrName);
    return { ...as, node: nodeView(state, node, tailnet.presence) };
  }

  @Post(':node/approve')
  @Writes('ApproveNode')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a waiting node take part' })
  approve(@FromCaller() caller: Caller, @Param('node') node: string): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'ApproveNode', data: { nodeId } }));
  }

  @Post(':node/rename')
  @Writes('RenameNode')
  @HttpCode(200)
  @BodyOf(Rename)
  @ApiOperation({ summary: 'Give a node a name, or let it follow its host name again' })
  rename(
    @FromCaller() caller: Caller,
    @Param('node') node: string,
    @Body(new Valid(Rename)) { name }: z.infer<typeof Rename>,
  ): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'RenameNode', data: { nodeId, name } }));
  }

  @Post(':node/tags')
  @Writes('TagNode')
  @HttpCode(200)
  @BodyOf(Tags)
  @ApiOperation({ summary: 'Replace the tags of a node' })
  tag(
    @FromCaller() caller: Caller,
    @Param('node') node: string,
    @Body(new Valid(Tags)) { tags }: z.infer<typeof Tags>,
  ): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'TagNode', data: { nodeId, tags } }));
  }

  @Post(':node/expire')
  @Writes('ExpireNode')
  @HttpCode(200)
  @ApiOperation({ summary: "Make a node's key invalid now" })
  expire(@FromCaller() caller: Caller, @Param('node') node: string): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'ExpireNode', data: { nodeId } }));
  }

  @Post(':node/expiry')
  @Writes('SetNodeExpiry')
  @HttpCode(200)
  @BodyOf(Expiry)
  @ApiOperation({ summary: "Set when a node's key expires" })
  expiry(
    @FromCaller() caller: Caller,
    @Param('node') node: string,
    @Body(new Valid(Expiry)) { keyExpiresAt }: z.infer<typeof Expiry>,
  ): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'SetNodeExpiry', data: { nodeId, keyExpiresAt } }));
  }

  @Post(':node/routes/approve')
  @Writes('ApproveRoute')
  @HttpCode(200)
  @BodyOf(Route)
  @ApiOperation({ summary: 'Let a node serve a prefix' })
  approveRoute(
    @FromCaller() caller: Caller,
    @Param('node') node: string,
    @Body(new Valid(Route)) { prefix }: z.infer<typeof Route>,
  ): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'ApproveRoute', data: { nodeId, prefix } }));
  }

  @Post(':node/routes/revoke')
  @Writes('RevokeRoute')
  @HttpCode(200)
  @BodyOf(Route)
  @ApiOperation({ summary: 'Forbid a node to serve a prefix, also when the policy would approve it' })
  revokeRoute(
    @FromCaller() caller: Caller,
    @Param('node') node: string,
    @Body(new Valid(Route)) { prefix }: z.infer<typeof Route>,
  ): Promise<Changed> {
    return this.#change(caller, node, ({ id: nodeId }) => ({ type: 'RevokeRoute', data: { nodeId, prefix } }));
  }

  @Delete(':node')
  @Writes('RemoveNode')
  @ApiOperation({ summary: 'Remove a node; its address may go to another' })
  remove(@FromCaller() caller: Caller, @Param('node') node: string): Promise<Changed> {
    return this.#change(caller, node, ({ id }) => ({
      type: 'RemoveNode',
      data: { nodeId: id, reason: 'removed' },
    }));
  }

  #state({ tailnet, minRevision }: Caller): Promise<TailnetState> {
    return this.queries.execute(new ReadTailnet(tailnet, minRevision));
  }

  async #change(caller: Caller, idOrName: string, command: (node: Node) => TailnetCommand): Promise<Changed> {
    const state = await this.#state(caller);
    const earlier = state.outcomes.revisionOf(caller.request.id);
    if (earlier !== undefined) return { revision: earlier, events: [] }; // the node may be gone since
    const request = { ...caller.request, command: command(nodeOf(state, idOrName)) };
    return changed(await this.commands.execute(new ChangeTailnet(caller.tailnet, request)));
  }
}
