import { Readable } from 'node:stream';
import { applyDecorators, Controller, Get, Headers, Param, ParseIntPipe, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ServerStatus } from '../config/server-status.js';
import { SystemClock } from '../config/system-clock.js';
import type { EventView } from '../ledger/event-view.js';
import { ReadLedger } from '../queries/read-ledger.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { ShowEvent, type ShownEvent } from '../queries/show-event.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { csvLines } from './event-csv.js';
import { EventQuery, type EventWish, filterOf, MAX_PAGE, rangeOf } from './event-query.js';
import { Valid } from './valid.js';

const NDJSON = 'application/x-ndjson';
const CSV = 'text/csv';

/** The parameters of the query, each with what it means. */
const PARAMETERS: Readonly<Record<keyof EventWish, string>> = {
  since: 'From this moment on: 2026-11-01T10:00Z, 2026-11-01, 2h (ago), or a revision',
  until: 'Up to this moment',
  after: 'Only events after this revision',
  from: 'From this revision on',
  to: 'Up to this revision',
  type: 'NodeJoined, or several with commas, or all that begin so: Node*',
  actor: 'The id or name of who caused it: a user, token or node, or system',
  node: 'The id or name of a node that it is about, or that caused it; also one that is gone',
  user: 'The id or login of a user whom it is about, or who caused it',
  text: 'Part of what it says, of who caused it or of why',
  limit: `At most so many; without a stream at most ${MAX_PAGE}, and "next" says how to go on`,
  last: 'Only the last so many that pass',
  order: 'oldest or newest first',
  follow: 'Go on with new events as they come, one JSON object per line',
  format: 'json, ndjson (a stream, one JSON object per line) or csv (a stream); or by Accept',
};

const Parameters = () =>
  applyDecorators(
    ...Object.entries(PARAMETERS).map(([name, description]) =>
      ApiQuery({ name, required: false, description, schema: { type: 'string' } }),
    ),
  );

/** The ledger: everything that has happened in a tailnet. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/events')
export class EventsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly clock: SystemClock,
    private readonly status: ServerStatus,
  ) {}

  @Get()
  @Reads('ledger')
  @ApiOperation({ summary: 'Events: who did what, when, from where and why' })
  @Parameters()
  @ApiProduces('application/json', NDJSON, CSV)
  async list(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Query(new Valid(EventQuery, 'query')) query: EventWish,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { revision } = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const format = formatOf(query, accept ?? '');
    const range = await rangeOf(tailnet, query, this.clock.now());
    const filter = filterOf(tailnet, tailnet.fold.state, query);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const wanted = AbortSignal.any([gone.signal, this.status.stopping]);
    const limit = format === 'json' ? Math.min(range.limit, MAX_PAGE) : range.limit;
    const last = range.last === undefined ? undefined : Math.min(range.last, limit);
    const events = await this.queries.execute(new ReadLedger(tailnet, { ...range, limit, last }, filter, wanted));
    void reply.header('ETag', `"${revision}"`);
    if (format === 'csv') await reply.type(`${CSV}; charset=utf-8`).send(Readable.from(csvLines(events)));
    else if (format === 'ndjson') await reply.type(NDJSON).send(Readable.from(lines(events)));
    else await reply.send({ revision, ...(await page(events, limit, query)) });
  }

  @Get(':revision')
  @Reads('ledger')
  @ApiOperation({ summary: 'One event, and of a policy which lines it changed' })
  async show(
    @FromCaller() { tailnet }: Caller,
    @Param('revision', ParseIntPipe) revision: number,
  ): Promise<ShownEvent & { readonly revision: number }> {
    const shown = await this.queries.execute(new ShowEvent(tailnet, revision));
    return { revision: tailnet.fold.state.revision, ...shown };
  }
}

function formatOf({ format, follow }: EventWish, accept: string): 'json' | 'ndjson' | 'csv' {
  if (format && !(follow && format === 'json')) return format;
  if (accept.includes(CSV)) return 'csv';
  return follow || accept.includes(NDJSON) ? 'ndjson' : 'json';
}

async function* lines(events: AsyncIterable<EventView>): AsyncGenerator<string> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

/** One answer's events, and what to ask for the ones behind them. */
async function page(events: AsyncIterable<EventView>, limit: number, { order, last }: EventWish) {
  const found: EventView[] = [];
  for await (const event of events) found.push(event);
  const end = found.at(-1)?.revision;
  if (end === undefined || found.length < limit || last !== undefined) return { events: found };
  return { events: found, next: order === 'newest' ? { to: end - 1 } : { after: end } };
}
