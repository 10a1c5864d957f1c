import { Readable } from 'node:stream';
import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Ledger } from '../ledger/ledger.js';
import { type RebuildProgress, rebuildProjections } from '../tailnet/rebuild-projections.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';

const NDJSON = 'application/x-ndjson';

/** What the server has worked out from the ledger, and serves from. */
@ApiTags('projections')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/projections')
export class ProjectionsController {
  constructor(private readonly ledger: Ledger) {}

  @Post('rebuild')
  @Reads('projections')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Work everything out anew from the first event, compare, and go on with it; one JSON object per line',
  })
  @ApiProduces(NDJSON)
  async rebuild(@FromCaller() { tailnet }: Caller, @Res() reply: FastifyReply): Promise<void> {
    const progress = rebuildProjections(this.ledger.store, tailnet);
    const first = await progress.next(); // a refusal is an answer of its own
    await reply.type(NDJSON).send(Readable.from(lines(first.done ? [] : [first.value], progress)));
  }
}

async function* lines(
  ...parts: (Iterable<RebuildProgress> | AsyncIterable<RebuildProgress>)[]
): AsyncGenerator<string> {
  for (const part of parts) for await (const progress of part) yield `${JSON.stringify(progress)}\n`;
}
