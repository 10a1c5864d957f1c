import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { NetfoldError } from '#kernel';
import { type AccessQuestion, readAccessQuestion } from '#policy';
import { reachableFrom, whoReaches, workingOutImpact } from '#reach';
import type { TailnetState } from '#tailnet';
import { ExplainReach } from '../queries/explain-reach.js';
import { inTurns } from '../queries/in-turns.js';
import { ReadMoment } from '../queries/read-moment.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { AT, asked, endThen } from './past.js';
import { Valid } from './valid.js';

const name = z.string().min(1).max(1_000);
const Flow = z.object({ src: name, dst: name });
const Source = z.object({ src: name });
const Destination = z.object({ dst: name });
const Span = z.object({ from: name, to: name.optional() });

const SRC = { name: 'src', description: 'A node, user, group, tag, host of the policy, or address' };
const DST = { name: 'dst', description: 'The same, with a port and perhaps a protocol: web-1:443, tag:dns:53/udp' };

/** Who reaches what, now and then, and what a change of the tailnet does to it. */
@ApiTags('reach')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class ReachController {
  constructor(private readonly queries: QueryBus) {}

  @Get('reach')
  @Reads('policy')
  @ApiOperation({ summary: 'Whether one reaches another: by which rule, membership and route' })
  @ApiQuery(SRC)
  @ApiQuery(DST)
  @ApiQuery(AT)
  async explain(
    @FromCaller() caller: Caller,
    @Query(new Valid(Flow, 'query')) { src, dst }: z.infer<typeof Flow>,
    @Query('at') at?: unknown,
  ) {
    const { state, as } = await asked(this.queries, caller, at);
    const question = questionThen(caller, state, src, dst);
    return { ...as, ...(await this.queries.execute(new ExplainReach(caller.tailnet, state, question))) };
  }

  @Get('reach/who')
  @Reads('policy')
  @ApiOperation({ summary: 'Everyone who reaches a port of something' })
  @ApiQuery(DST)
  @ApiQuery(AT)
  async who(
    @FromCaller() caller: Caller,
    @Query(new Valid(Destination, 'query')) { dst }: z.infer<typeof Destination>,
    @Query('at') at?: unknown,
  ) {
    const { state, as } = await asked(this.queries, caller, at);
    return { ...as, ...whoReaches(state, questionThen(caller, state, '*', dst)) };
  }

  @Get('reach/from')
  @Reads('policy')
  @ApiOperation({ summary: 'All that something reaches' })
  @ApiQuery(SRC)
  @ApiQuery(AT)
  async from(
    @FromCaller() caller: Caller,
    @Query(new Valid(Source, 'query')) { src }: z.infer<typeof Source>,
    @Query('at') at?: unknown,
  ) {
    const { state, as } = await asked(this.queries, caller, at);
    return { ...as, ...reachableFrom(state, endThen(caller.tailnet, state, src)) };
  }

  @Get('diff')
  @Reads('ledger')
  @ApiOperation({ summary: 'What differs between two moments, and the flows that were lost and gained' })
  @ApiQuery({ ...AT, name: 'from', required: true, description: 'A revision (1234), a time, a day, or how long ago' })
  @ApiQuery({ ...AT, name: 'to', description: 'The same; the present when it is left out' })
  async diff(@FromCaller() caller: Caller, @Query(new Valid(Span, 'query')) { from, to }: z.infer<typeof Span>) {
    const { state } = await asked(this.queries, caller, to);
    const before = await this.queries.execute(new ReadMoment(caller.tailnet, from));
    const { from: _, to: __, ...impact } = await inTurns(workingOutImpact(before, state));
    const instantOf = ({ revision, recordedAt }: typeof state) => ({ revision, recordedAt });
    return { revision: state.revision, from: instantOf(before), to: instantOf(state), ...impact };
  }
}

/** @throws NetfoldError `policy.bad_question`, `node.unknown` */
function questionThen({ tailnet }: Caller, state: TailnetState, src: string, dst: string): AccessQuestion {
  const question = readAccessQuestion(src, dst);
  if (typeof question === 'string') {
    throw new NetfoldError({ code: 'policy.bad_question', message: question, where: 'dst' });
  }
  return { ...question, src: endThen(tailnet, state, src), dst: endThen(tailnet, state, question.dst) };
}
