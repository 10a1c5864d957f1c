import { Controller, Get, Param, ParseIntPipe, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { NetfoldError, toHex } from '#kernel';
import { ServerStatus } from '../config/server-status.js';
import type { Effect } from '../delivery/effect.js';
import { eventView } from '../ledger/event-view.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { TraceRevision } from '../queries/trace-revision.js';
import { LiveStreams } from '../stream/live-streams.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { AT, asked, nodeThen } from './past.js';
import { isWithinReach } from './sight.js';
import { Valid } from './valid.js';
import { nodeOf, unknownNode } from './views/node-view.js';

const MAX_WAIT_MS = 60_000;

const Wish = z.object({
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0),
  node: z.string().optional(),
});

/** How the ledger takes effect: what each node is told, and how far it has come. */
@ApiTags('observe')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class ObserveController {
  constructor(
    private readonly queries: QueryBus,
    private readonly live: LiveStreams,
    private readonly status: ServerStatus,
  ) {}

  @Get('nodes/:node/netmap')
  @Reads('netmaps')
  @ApiOperation({ summary: 'What a node is told at this moment' })
  @ApiQuery(AT)
  async netmap(@FromCaller() caller: Caller, @Param('node') idOrName: string, @Query('at') at?: unknown) {
    const { state, as } = await asked(this.queries, caller, at);
    const { netmaps, history } = caller.tailnet;
    const node = at === undefined ? nodeOf(state, idOrName) : nodeThen(caller.tailnet, state, idOrName);
    const network = at === undefined ? netmaps.latest : await history.networkAt(state.revision);
    if (!network.nodes.has(node.id) || !isWithinReach(caller, node)) throw unknownNode(idOrName);
    const netmap = netmaps.view(network, node.id);
    const digest = toHex(netmaps.digest(network, node.id));
    return { ...as, revision: network.revision, epoch: toHex(netmaps.epoch), digest, items: [...netmap.values()] };
  }

  @Get('trace/:revision')
  @Reads('delivery')
  @ApiOperation({ summary: 'Which nodes an event concerned, what it changed for each, and when each had applied that' })
  @ApiQuery({ name: 'wait', required: false, description: 'Milliseconds to wait until it is in force everywhere' })
  @ApiQuery({ name: 'node', required: false, description: 'Also show all that it changed for this node' })
  async trace(
    @FromCaller() { tailnet }: Caller,
    @Param('revision', ParseIntPipe) revision: number,
    @Query(new Valid(Wish, 'query')) { wait, node }: z.infer<typeof Wish>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const until = wait > 0 ? this.#wanted(reply, wait) : undefined;
    const { event, effect, trace } = await this.queries.execute(new TraceRevision(tailnet, revision, until));
    const view = await eventView(tailnet, event);
    const step = node === undefined ? undefined : stepOf(effect, tailnet, node);
    return { revision: tailnet.fold.state.revision, event: view, ...trace, ...(step && { step }) };
  }

  @Get('streams')
  @Reads('delivery')
  @ApiOperation({ summary: 'The agents that are connected, and what all streams of this server have sent' })
  async streams(@FromCaller() { tailnet, minRevision }: Caller) {
    const { revision } = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const streams = [...tailnet.hub.streams].map(({ nodeId, appliedRevision, unacknowledged, behind }) => ({
      nodeId,
      node: tailnet.names.of(nodeId),
      appliedRevision,
      unacknowledged,
      behind,
    }));
    return { revision, streams, counters: this.live.counters };
  }

  /** Aborts after so many milliseconds, when nobody listens to the answer any more, and when the server stops. */
  #wanted(reply: FastifyReply, ms: number): AbortSignal {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return AbortSignal.any([gone.signal, this.status.stopping, AbortSignal.timeout(ms)]);
  }
}

/** What an event changed in the netmap of a node, item by item. */
function stepOf({ diffs }: Effect, { names }: Tailnet, idOrName: string) {
  const diff = [idOrName, ...names.idsOf(idOrName.toLowerCase())].map((id) => diffs.get(id)).find((one) => one);
  if (diff) return { removed: diff.removed, upserted: diff.upserted };
  throw new NetfoldError({
    code: 'trace.not_concerned',
    message: `the event changed nothing for ${JSON.stringify(idOrName)}`,
    where: 'node',
    hint: 'leave out the node to see whom it concerned',
  });
}
