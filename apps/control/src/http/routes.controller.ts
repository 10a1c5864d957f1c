import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { AT, asked } from './past.js';
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
  @ApiQuery(AT)
  async list(@FromCaller() caller: Caller, @Query('at') at?: unknown) {
    const { state, as } = await asked(this.queries, caller, at);
    const sight = sightOf(caller, state);
    const nodes = [...state.nodes.values()].filter((node) => sight.node(node));
    const routes = nodes.flatMap((node) =>
      routeViews(node).map((route) => ({ ...route, nodeId: node.id, node: node.name })),
    );
    return { ...as, routes: routes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)) };
  }
}
