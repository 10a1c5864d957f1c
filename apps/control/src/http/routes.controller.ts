import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { sightOf } from './sight.js';
import { routeViews } from './views/node-view.js';

/** The prefixes that nodes route. They are approved and revoked at their nodes. */
@ApiTags('routes')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/routes')
export class RoutesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Reads('nodes')
  @ApiOperation({ summary: 'All routes of all nodes' })
  async list(@FromCaller() caller: Caller) {
    const { tailnet, minRevision } = caller;
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const sight = sightOf(caller, state);
    const nodes = [...state.nodes.values()].filter((node) => sight.node(node));
    const routes = nodes.flatMap((node) =>
      routeViews(node).map((route) => ({ ...route, nodeId: node.id, node: node.name })),
    );
    return { revision: state.revision, routes: routes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)) };
  }
}
