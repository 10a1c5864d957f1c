import { Body, Controller, Get, Put } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { NetfoldError } from '#kernel';
import type { TailnetCommand } from '#tailnet';
import { unseen } from '../changes/unseen.js';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { Ledger } from '../ledger/ledger.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads, Writes } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { type Changed, changed } from './changed.js';
import { BodyOf, Valid } from './valid.js';

const Dns = z.strictObject({
  magicDns: z.boolean().default(true).describe("Whether nodes resolve each other's names"),
  nameservers: z.array(z.string()).default([]).describe('Addresses, for everything else'),
  searchDomains: z.array(z.string()).default([]),
  splitDns: z.record(z.string(), z.array(z.string())).default({}).describe('Domain → addresses of its resolvers'),
  records: z
    .array(z.strictObject({ name: z.string(), type: z.enum(['A', 'AAAA', 'CNAME', 'TXT']), value: z.string() }))
    .default([]),
});

const Settings = z.strictObject({
  deviceApproval: z.boolean().optional().describe('Whether new nodes wait for approval'),
  keyExpiry: z.int().positive().nullable().optional().describe('How long keys last, in milliseconds; null: for ever'),
  keyRotation: z
    .int()
    .positive()
    .nullable()
    .optional()
    .describe('After how many milliseconds nodes replace their WireGuard keys by themselves; null: never'),
  ipv4Pool: z.string().optional().describe('The prefix within 100.64.0.0/10 that addresses come from'),
});

/** What holds for a whole tailnet. */
@ApiTags('settings')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class SettingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly ledger: Ledger,
  ) {}

  @Get('revision')
  @Reads('tailnet')
  @ApiOperation({
    summary: 'The revision of the tailnet, what its events may look like, and why it stands still if it does',
  })
  async revision(@FromCaller() caller: Caller) {
    const { revision, floor: releaseFloor } = await this.#state(caller);
    const { paused } = caller.tailnet;
    return { revision, releaseFloor, paused: paused?.shown ?? null };
  }

  @Get('dns')
  @Reads('tailnet')
  @ApiOperation({ summary: 'The DNS settings' })
  async dns(@FromCaller() caller: Caller) {
    const { revision, dns } = await this.#state(caller);
    return { revision, dns };
  }

  @Put('dns')
  @Writes('ConfigureDns')
  @BodyOf(Dns)
  @ApiOperation({ summary: 'Replace the DNS settings' })
  async configureDns(@FromCaller() caller: Caller, @Body(new Valid(Dns)) data: z.infer<typeof Dns>): Promise<Changed> {
    const { tailnet, request, replaces } = caller;
    if (!replaces && request.expectedRevision === undefined) {
      const { dnsRevision: written } = tailnet.fold.state;
      const problem = await unseen(this.ledger.store, tailnet, request, { name: 'the DNS settings', written });
      if (problem) throw new NetfoldError(problem);
    }
    return this.#change(caller, { type: 'ConfigureDns', data });
  }

  @Get('settings')
  @Reads('tailnet')
  @ApiOperation({ summary: 'The settings' })
  async settings(@FromCaller() caller: Caller) {
    const { revision, tailnet, settings } = await this.#state(caller);
    return { revision, tailnet, settings };
  }

  @Put('settings')
  @Writes('ChangeSettings')
  @BodyOf(Settings)
  @ApiOperation({ summary: 'Change the settings that are named, and leave the rest' })
  changeSettings(
    @FromCaller() caller: Caller,
    @Body(new Valid(Settings)) data: z.infer<typeof Settings>,
  ): Promise<Changed> {
    return this.#change(caller, { type: 'ChangeSettings', data });
  }

  #state({ tailnet, minRevision }: Caller) {
    return this.queries.execute(new ReadTailnet(tailnet, minRevision));
  }

  async #change({ tailnet, request }: Caller, command: TailnetCommand): Promise<Changed> {
    return changed(await this.commands.execute(new ChangeTailnet(tailnet, { ...request, command })));
  }
}
