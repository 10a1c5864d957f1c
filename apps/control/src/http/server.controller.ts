import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NetfoldError } from '#kernel';
import { ServerStatus } from '../config/server-status.js';
import { Public } from './access.js';
import { OpenApiDocument } from './open-api.js';

/** The server itself: nothing about any tailnet. */
@ApiTags('server')
@Public()
@Controller()
export class ServerController {
  constructor(
    private readonly status: ServerStatus,
    private readonly openApi: OpenApiDocument,
  ) {}

  @Get('healthz')
  @ApiOperation({ summary: 'The process runs' })
  healthz() {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'It has caught up with its ledger and serves' })
  readyz() {
    const { problem, ready } = this.status;
    if (problem) throw new NetfoldError({ ...problem, code: 'control.broken' });
    if (ready) return { status: 'ready' };
    throw new NetfoldError({ code: 'control.starting', message: 'the server is still catching up with its ledger' });
  }

  @Get('api/v1/server')
  @ApiOperation({ summary: 'The version, and where agents connect' })
  server() {
    const { version, grpcPort, tls } = this.status;
    return { version, protocol: 'netfold.v1', grpc: { port: grpcPort, tls } };
  }

  @Get('api/openapi.json')
  @ApiExcludeEndpoint()
  document(@Res() reply: FastifyReply): void {
    void reply.type('application/json').send(this.openApi.json);
  }
}
