import { Controller, Get, Header, Param, ParseIntPipe, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { NetfoldError, toBase64 } from '#kernel';
import { TILE_WIDTH } from '#merkle';
import { Notary } from '../checkpoint/notary.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import { Reads } from './access.js';
import { type Caller, FromCaller } from './caller.js';
import { Valid } from './valid.js';

const TEXT = 'text/plain; charset=utf-8';

const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const InclusionQuery = z.object({ revision: count, size: count.optional() });
const ConsistencyQuery = z.object({ from: count, to: count.optional() });
const TileQuery = z.object({ width: count.min(1).max(TILE_WIDTH).default(TILE_WIDTH) });

/** What the server signs about its ledger, and proofs of it: hashes, and nothing of what they are made of. */
@ApiTags('checkpoint')
@ApiBearerAuth()
@Reads('tailnet')
@Controller('api/v1/tailnets/:tailnet')
export class CheckpointsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly notary: Notary,
  ) {}

  @Get('checkpoint')
  @Header('content-type', TEXT)
  @ApiOperation({ summary: 'The size of the ledger and the root of its Merkle tree, as a signed note (C2SP)' })
  @ApiProduces(TEXT)
  async checkpoint(@FromCaller() { tailnet, minRevision }: Caller): Promise<string> {
    await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    return this.notary.of(tailnet).latest.note;
  }

  @Get('checkpoint/key')
  @Header('content-type', TEXT)
  @ApiOperation({ summary: 'The public key that checkpoints are signed with (C2SP signed note)' })
  @ApiProduces(TEXT)
  key(@FromCaller() { tailnet }: Caller): string {
    return `${this.notary.of(tailnet).key}\n`;
  }

  @Get('proofs/inclusion')
  @ApiOperation({ summary: 'Why an event is part of the ledger of a size (RFC 9162, 2.1.3); hashes in base64' })
  @ApiQuery({ name: 'revision', description: 'Of the event' })
  @ApiQuery({ name: 'size', required: false, description: 'Of the ledger; the newest by default' })
  async inclusion(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Query(new Valid(InclusionQuery, 'query')) { revision, size: asked }: z.infer<typeof InclusionQuery>,
  ) {
    await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const { tree } = tailnet;
    const size = asked ?? tree.size;
    const proof = tree.inclusion(revision, size).map(toBase64);
    const checkpoint = this.notary.of(tailnet).noteAt(size);
    return { revision, size, leaf: toBase64(tree.leaf(revision)), proof, checkpoint };
  }

  @Get('proofs/consistency')
  @ApiOperation({ summary: 'Why the ledger of a size only adds to a smaller one (RFC 9162, 2.1.4); hashes in base64' })
  @ApiQuery({ name: 'from', description: 'The smaller size' })
  @ApiQuery({ name: 'to', required: false, description: 'The larger size; the newest by default' })
  async consistency(
    @FromCaller() { tailnet, minRevision }: Caller,
    @Query(new Valid(ConsistencyQuery, 'query')) { from, to: asked }: z.infer<typeof ConsistencyQuery>,
  ) {
    await this.queries.execute(new ReadTailnet(tailnet, minRevision));
    const { tree } = tailnet;
    const to = asked ?? tree.size;
    return {
      from,
      to,
      proof: tree.consistency(from, to).map(toBase64),
      checkpoint: this.notary.of(tailnet).noteAt(to),
    };
  }

  @Get('tiles/:level/:index')
  @ApiOperation({ summary: 'Up to 256 hashes of every eighth level of the tree, 32 bytes each (C2SP tlog-tiles)' })
  @ApiQuery({ name: 'width', required: false, description: 'So many hashes; 256 by default' })
  @ApiProduces('application/octet-stream')
  tile(
    @FromCaller() { tailnet }: Caller,
    @Param('level', ParseIntPipe) level: number,
    @Param('index', ParseIntPipe) index: number,
    @Query(new Valid(TileQuery, 'query')) { width }: z.infer<typeof TileQuery>,
    @Res() reply: FastifyReply,
  ): void {
    const tile = tailnet.tree.tile(level, index, width);
    if (!tile) throw noSuchTile(level, index, width);
    void reply.type('application/octet-stream').send(Buffer.from(tile));
  }
}

const noSuchTile = (level: number, index: number, width: number): NetfoldError =>
  new NetfoldError({
    code: 'tile.unknown',
    message: `tile ${index} of level ${level} does not have ${width} hashes`,
    hint: 'ask for what a checkpoint covers; the last tile of a level is narrower, see ?width=',
  });
