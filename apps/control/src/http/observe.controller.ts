import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NetfoldError, toHex } from '#kernel';
import { ReadTailnet } from '../queries/read-tailnet.js';
import type { ConvergenceReport } from '../stream/convergence.js';
import { LiveStreams } from '../stream/live-streams.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { isWithinReach } from './sight.js';

/** How the ledger takes effect: what each node is told, and how far it has come. */
@ApiTags('observe')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet')
export class ObserveController {
  constructor(
    private readonly queries: QueryBus,
    private readonly live: LiveStreams,
  ) {}

  @Get('nodes/:node/netmap')
  @Reads('netmaps')
  @ApiOperation({ summary: 'What a node is told at this moment' })
  async netmap(@FromCaller() caller: Caller, @Param('node') idOrName: string) {
    const { tailnet, minRevision } = caller;
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const { netmaps } = tailnet;
    const id = state.byName.get(idOrName.toLowerCase()) ?? idOrName;
    const { latest } = netmaps;
    const node = state.nodes.get(id);
    if (!latest.nodes.has(id) || !node || !isWithinReach(caller, node)) {
      throw new NetfoldError({ code: 'node.unknown', message: `there is no node ${JSON.stringify(idOrName)}` });
    }
    const netmap = netmaps.view(latest, id);
    const digest = toHex(netmaps.digest(latest, id));
    return { revision: latest.revision, epoch: toHex(netmaps.epoch), digest, items: [...netmap.values()] };
  }

  @Get('convergence/:revision')
  @Reads('delivery')
  @ApiOperation({ summary: 'When each connected node that a revision concerns had applied it' })
  convergence(@FromCaller() { tailnet }: Caller, @Param('revision', ParseIntPipe) revision: number): ConvergenceReport {
    const report = tailnet.hub.convergence.report(revision);
    if (report) return report;
    throw new NetfoldError({
      code: 'convergence.unknown',
      message: `nothing is known of revision ${revision}`,
      hint: 'only the newest revisions since the server started are remembered',
    });
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
}
