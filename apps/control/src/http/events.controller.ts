import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type EventView, ReadLedger } from '../queries/read-ledger.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { Valid } from './valid.js';

const NDJSON = 'application/x-ndjson';
const MAX_PAGE = 1_000;

const Filter = z.object({
  after: z.coerce.number().int().min(-1).default(-1),
  limit: z.coerce.number().int().positive().optional(),
  follow: z.stringbool().default(false),
  type: z.string().optional(),
  actor: z.string().optional(),
  node: z.string().optional(),
});

/** The ledger: everything that has happened in a tailnet. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/events')
export class EventsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Reads('ledger')
  @ApiOperation({
    summary: 'Events, oldest first; with follow=true one JSON object per line, and new ones as they come',
  })
  @ApiQuery({ name: 'after', required: false, description: 'Only events after this revision' })
  @ApiQuery({ name: 'limit', required: false, description: `At most ${MAX_PAGE} without follow` })
  @ApiQuery({ name: 'follow', required: false })
  @ApiQuery({ name: 'type', required: false, description: 'NodeJoined' })
  @ApiQuery({ name: 'actor', required: false, description: 'The id or name of who caused it' })
  @ApiQuery({ name: 'node', required: false, description: 'The id or name of the node that it is about' })
  @ApiProduces('application/json', NDJSON)
  async list(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Query(new Valid(Filter, 'query')) { limit, ...filter }: z.infer<typeof Filter>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const node = filter.node === undefined ? undefined : (state.byName.get(filter.node) ?? filter.node);
    const most = filter.follow ? (limit ?? Number.POSITIVE_INFINITY) : Math.min(limit ?? MAX_PAGE, MAX_PAGE);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const events = await this.queries.execute(new ReadLedger(tailnet, { ...filter, node, limit: most }, gone.signal));
    if (filter.follow) {
      await reply.type(NDJSON).send(Readable.from(lines(events)));
      return;
    }
    await reply.header('ETag', `"${state.revision}"`).send({ revision: state.revision, events: await all(events) });
  }
}

async function* lines(events: AsyncIterable<EventView>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
