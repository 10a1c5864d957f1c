import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { TailnetCommand } from '#tailnet';
import { ApplyChange } from '../changes/apply-change.js';
import { ListChanges } from '../changes/list-changes.js';
import { ProposeChange } from '../changes/propose-change.js';
import { ProposeUndo } from '../changes/propose-undo.js';
import { ReviewChange, type Verdict } from '../changes/review-change.js';
import { ShowChange, type ShownChange } from '../changes/show-change.js';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { BodyOf, Valid } from './valid.js';

const sentence = z.string().default('');

const NewChange = z.strictObject({
  title: z.string().describe('In a few words, what for'),
  reason: sentence,
  commands: z
    .array(z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) }))
    .describe('Run in this order, all or none. Nodes and users by id or name: {"type": "ApproveRoute", "data": {…}}'),
  baseRevision: z.int().min(0).optional().describe('Where the edit was begun; the present revision when absent'),
  lasts: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Milliseconds after which it takes itself back; null: never'),
});
const Approval = z.strictObject({
  impactDigest: z.string().describe('Of the impact that the reviewer has seen'),
  comment: sentence,
});
const Rejection = z.strictObject({ comment: sentence });
const Schedule = z.strictObject({
  at: z.int().positive().nullable().describe('Milliseconds since the Unix epoch; null: not any more'),
});
const Undo = z
  .strictObject({
    changeId: z.string().optional(),
    revision: z.int().min(0).optional(),
    title: z.string().optional(),
    reason: sentence,
  })
  .refine(
    ({ changeId, revision }) => (changeId === undefined) !== (revision === undefined),
    'name a change or a revision',
  );
const Filter = z.object({ stage: z.enum(['open', 'all']).default('open') });

/** Changes that are proposed, reviewed and applied whole. */
@ApiTags('changes')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class ChangesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('changes')
  @Reads('ledger')
  @ApiQuery({
    name: 'stage',
    required: false,
    description: 'open: what something may come of; all: those that have ended too',
  })
  @ApiOperation({ summary: 'Changes, and emergencies that nobody else has taken note of' })
  async list(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Query(new Valid(Filter, 'query')) { stage }: z.infer<typeof Filter>,
  ) {
    await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return this.queries.execute(new ListChanges(tailnet, stage === 'all'));
  }

  @Get('changes/:change')
  @Reads('ledger')
  @ApiOperation({ summary: 'A change, and what it would do now' })
  async show(@FromCaller() { tailnet, minRevision }: Caller, @Param('change') id: string): Promise<ShownChange> {
    await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return this.queries.execute(new ShowChange(tailnet, id));
  }

  @Post('changes')
  @Writes('ProposeChange')
  @BodyOf(NewChange)
  @ApiOperation({ summary: 'Propose commands instead of running them' })
  async propose(
    @FromCaller() { tailnet, request }: Caller,
    @Body(new Valid(NewChange)) { baseRevision, ...rest }: z.infer<typeof NewChange>,
  ): Promise<Changed & { changeId: string }> {
    const proposal = { ...rest, ...(baseRevision !== undefined && { baseRevision }) };
    const { outcome, changeId } = await this.commands.execute(new ProposeChange(tailnet, request, proposal));
    return { ...changed(outcome), changeId };
  }

  @Post('reverts')
  @Writes('ProposeChange')
  @BodyOf(Undo)
  @ApiOperation({ summary: 'Propose what takes a change, or what one event did, back' })
  async revert(
    @FromCaller() { tailnet, request }: Caller,
    @Body(new Valid(Undo)) { changeId: id, revision = -1, ...rest }: z.infer<typeof Undo>,
  ): Promise<Changed & { changeId: string }> {
    const wish = { ...rest, undone: id === undefined ? { revision } : { changeId: id } };
    const { outcome, changeId } = await this.commands.execute(new ProposeUndo(tailnet, request, wish));
    return { ...changed(outcome), changeId };
  }

  @Post('changes/:change/approve')
  @Writes('ReviewChange')
  @HttpCode(200)
  @BodyOf(Approval)
  @ApiOperation({ summary: 'Approve a change, for what it would do' })
  approve(
    @FromCaller() caller: Caller,
    @Param('change') id: string,
    @Body(new Valid(Approval)) { impactDigest: seen, comment }: z.infer<typeof Approval>,
  ): Promise<Changed> {
    return this.#review(caller, id, { verdict: 'approve', comment, seen });
  }

  @Post('changes/:change/reject')
  @Writes('ReviewChange')
  @HttpCode(200)
  @BodyOf(Rejection)
  @ApiOperation({ summary: 'Reject a change, for good' })
  reject(
    @FromCaller() caller: Caller,
    @Param('change') id: string,
    @Body(new Valid(Rejection)) { comment }: z.infer<typeof Rejection>,
  ): Promise<Changed> {
    return this.#review(caller, id, { verdict: 'reject', comment });
  }

  @Post('changes/:change/apply')
  @Writes('ApplyChange')
  @HttpCode(200)
  @ApiOperation({ summary: 'Apply a change, whole or not at all, if it would do what was approved' })
  async apply(@FromCaller() { tailnet, request }: Caller, @Param('change') id: string): Promise<Changed> {
    return changed(await this.commands.execute(new ApplyChange(tailnet, request, id)));
  }

  @Post('changes/:change/schedule')
  @Writes('ScheduleChange')
  @HttpCode(200)
  @BodyOf(Schedule)
  @ApiOperation({ summary: 'Have a change applied at a time' })
  schedule(
    @FromCaller() caller: Caller,
    @Param('change') changeId: string,
    @Body(new Valid(Schedule)) { at }: z.infer<typeof Schedule>,
  ): Promise<Changed> {
    return this.#change(caller, { type: 'ScheduleChange', data: { changeId, at } });
  }

  @Post('changes/:change/withdraw')
  @Writes('WithdrawChange')
  @HttpCode(200)
  @ApiOperation({ summary: 'Withdraw a change' })
  withdraw(@FromCaller() caller: Caller, @Param('change') changeId: string): Promise<Changed> {
    return this.#change(caller, { type: 'WithdrawChange', data: { changeId } });
  }

  async #review({ tailnet, request }: Caller, id: string, verdict: Verdict): Promise<Changed> {
    return changed(await this.commands.execute(new ReviewChange(tailnet, request, id, verdict)));
  }

  async #change({ tailnet, request }: Caller, command: TailnetCommand): Promise<Changed> {
    return changed(await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command })));
  }
}
