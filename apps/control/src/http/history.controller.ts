import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { AT, asked } from './past.js';

/** The past of a tailnet; what it was then, the other routes say with `at`. */
@ApiTags('history')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class HistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get('moment')
  @Reads('ledger')
  @ApiOperation({ summary: 'The revision that a moment names, and when it was recorded' })
  @ApiQuery(AT)
  async moment(@FromCaller() caller: Caller, @Query('at') at?: unknown) {
    const { state } = await asked(this.queries, caller, at);
    return { revision: state.revision, recordedAt: state.recordedAt };
  }
}
