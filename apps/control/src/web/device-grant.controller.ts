import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { systemRandom } from '#host';
import { newId, problemOf } from '#kernel';
import { IssueApiToken } from '../commands/issue-api-token.js';
import { SystemClock } from '../config/system-clock.js';
import { Public } from '../http/access.js';
import { Identity } from '../identity/identity.js';
import type { Consent } from '../identity/waiting-room.js';
import { Tailnets } from '../tailnet/tailnets.js';

/** RFC 8628, 3.4 */
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** How long a command line may act for somebody, in milliseconds. */
const TOKEN_LIFETIME = 30 * 86_400_000;
/** How long a question waits for its answer before the command line asks again, in milliseconds. */
const PATIENCE = 20_000;
/** Seconds between two questions (RFC 8628, 3.2). */
const INTERVAL = 1;

type Fields = Readonly<Record<string, unknown>>;

/** The device authorization grant (RFC 8628): a command line that has no browser gets a token of the person who has one. */
@ApiTags('sign-in')
@Public()
@Controller('oauth')
export class DeviceGrantController {
  constructor(
    private readonly identity: Identity,
    private readonly tailnets: Tailnets,
    private readonly bus: CommandBus,
    private readonly clock: SystemClock,
  ) {}

  @Post('device_authorization')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begin: a code for a person to confirm in a browser (RFC 8628, 3.1)' })
  async begin(@Req() { ip }: FastifyRequest, @Body() body: Fields | undefined) {
    const client = String(body?.client_id ?? 'a program').slice(0, 120);
    const { secret, code, expiresAt } = await this.identity.commandLines.enter({ client }, ip);
    const page = `${this.identity.url()}/device`;
    return {
      device_code: secret,
      user_code: code,
      verification_uri: page,
      verification_uri_complete: `${page}/${code}`,
      expires_in: Math.floor((expiresAt - this.clock.now()) / 1_000),
      interval: INTERVAL,
    };
  }

  @Post('token')
  @ApiOperation({ summary: 'The token, as soon as the person has confirmed (RFC 8628, 3.4)' })
  async token(@Body() body: Fields | undefined, @Res() reply: FastifyReply): Promise<void> {
    void reply.header('cache-control', 'no-store');
    if (body?.grant_type !== GRANT) return refuse(reply, 'unsupported_grant_type', `the grant type must be ${GRANT}`);
    const secret = String(body.device_code ?? '');
    try {
      const { client } = await this.identity.commandLines.about(secret);
      const verdict = await this.identity.commandLines.verdict(secret, PATIENCE);
      if (!verdict) return refuse(reply, 'authorization_pending', 'nobody has confirmed yet');
      await reply.status(200).send(await this.#issue(verdict, client));
    } catch (error) {
      const { code, message } = problemOf(error);
      if (code === 'login.denied') return refuse(reply, 'access_denied', message);
      if (code === 'login.unknown_code') return refuse(reply, 'expired_token', message);
      throw error;
    }
  }

  /** As much as the person may do, in the person's name. */
  async #issue({ tailnetId, userId, revision }: Consent, client: string) {
    const tailnet = this.tailnets.get(tailnetId);
    const { users } = await tailnet.fold.reached(revision);
    const role = users.get(userId)?.role ?? 'member';
    const expiresAt = this.clock.now() + TOKEN_LIFETIME;
    const request = { id: newId('cmd', systemRandom), actor: { kind: 'system', id: 'sign-in' } } as const;
    const wish = { role, userId, description: client, expiresAt };
    const { token } = await this.bus.execute(new IssueApiToken(tailnet, request, wish));
    return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFETIME / 1_000 };
  }
}

/** RFC 6749, 5.2 */
function refuse(reply: FastifyReply, error: string, description: string): void {
  void reply.status(400).send({ error, error_description: description });
}
