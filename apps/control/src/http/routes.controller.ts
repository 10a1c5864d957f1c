import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { type Caller, FromCaller } from './caller.js';
import { routeViews } from './views/node-view.js';

/** The prefixes that nodes route. They are approved and revoked at their nodes. */
@ApiTags('routes')
@ApiBearerAuth()
@Controller('api/v1/tailnets/:tailnet/routes')
export class RoutesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'All routes of all nodes' })
  async list(@FromCaller() { tailnet, minRevision }: Caller) {
    const state = await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const routes = [...state.nodes.values()].flatMap((node) =>
      routeViews(node).map((route) => ({ ...route, nodeId: node.id, node: node.name })),
    );
    return { revision: state.revision, routes: routes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)) };
  }
}
