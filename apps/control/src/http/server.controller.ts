import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Replicas } from '../cluster/replicas.js';
import { ServerStatus } from '../config/server-status.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { Public } from './access.js';
import { OpenApiDocument } from './open-api.js';

/** The server itself: nothing about any tailnet, but that there is something to look at. */
@ApiTags('server')
@Public()
@Controller()
export class ServerController {
  constructor(
    private readonly status: ServerStatus,
    private readonly openApi: OpenApiDocument,
    private readonly tailnets: Tailnets,
    private readonly replicas: Replicas,
  ) {}

  @Get('livez')
  @ApiOperation({ summary: 'The process runs' })
  livez() {
    return { status: 'ok' };
  }

  @Get('healthz')
  @ApiOperation({ summary: 'The same, under the name that it had first' })
  healthz() {
    return this.livez();
  }

  @Get('readyz')
  @ApiOperation({
    summary: 'It has caught up with its ledger, follows it, and does not stop; if not, the problem says why',
  })
  readyz() {
    const { unready } = this.status;
    if (unready) throw unready;
    return { status: 'ready', emergencies: this.#emergencies(), paused: [...this.tailnets.paused()].length };
  }

  /** How many, in all tailnets, nobody else has taken note of: whoever watches the server shall hear of them. */
  #emergencies(): number {
    return [...this.tailnets.all()].reduce((sum, { fold }) => sum + fold.state.changes.overrides.size, 0);
  }

  @Get('api/v1/server')
  @ApiOperation({ summary: 'The version, where agents connect, and how far an upgrade of several servers has come' })
  server() {
    const { version, grpcPort, tls } = this.status;
    const releaseLevel = { own: this.replicas.reads, all: this.replicas.readByAll ?? null };
    return { version, protocol: 'netfold.v1', grpc: { port: grpcPort, tls }, releaseLevel };
  }

  @Get('api/openapi.json')
  @ApiExcludeEndpoint()
  document(@Res() reply: FastifyReply): void {
    void reply.type('application/json').send(this.openApi.json);
  }
}
