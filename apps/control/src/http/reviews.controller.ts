import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { PROPOSABLE, REVIEWERS, type TailnetCommand } from '#tailnet';
import { overrideView } from '../changes/change-view.js';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { BodyOf, Valid } from './valid.js';

const Rules = z.strictObject({
  rules: z.array(
    z.strictObject({
      commands: z.array(z.enum(PROPOSABLE)).min(1),
      approvals: z.int().positive().describe('How many people, beside the one who proposes'),
      role: z.enum(REVIEWERS as [string, ...string[]]).describe('What they must be, or outrank'),
    }),
  ),
});

/** What needs the approval of others, and what was done without. */
@ApiTags('changes')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class ReviewsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('review-rules')
  @Reads('tailnet')
  @ApiOperation({ summary: 'Which commands need how many approvals, and from whom' })
  async rules(@FromCaller() { tailnet, minRevision }: Caller) {
    const { revision, changes } = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return { revision, rules: changes.rules };
  }

  @Put('review-rules')
  @Writes('SetReviewRules')
  @BodyOf(Rules)
  @ApiOperation({ summary: 'Replace the rules; while there are any, this needs approvals itself' })
  setRules(@FromCaller() caller: Caller, @Body(new Valid(Rules)) data: z.infer<typeof Rules>): Promise<Changed> {
    return this.#change(caller, { type: 'SetReviewRules', data } as TailnetCommand);
  }

  @Get('overrides')
  @Reads('ledger')
  @ApiOperation({ summary: 'Emergencies in which a rule was set aside, and that nobody else has taken note of' })
  async overrides(@FromCaller() { tailnet, minRevision }: Caller) {
    const { revision, changes } = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return { revision, overrides: [...changes.overrides.values()].map((one) => overrideView(one, tailnet.names)) };
  }

  @Post('overrides/:override/acknowledge')
  @Writes('AcknowledgeOverride')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take note of an emergency that somebody else declared' })
  acknowledge(@FromCaller() caller: Caller, @Param('override') overrideId: string): Promise<Changed> {
    return this.#change(caller, { type: 'AcknowledgeOverride', data: { overrideId } });
  }

  async #change({ tailnet, request }: Caller, command: TailnetCommand): Promise<Changed> {
    return changed(await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command })));
  }
}
