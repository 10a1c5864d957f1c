import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NetfoldError } from '#kernel';
import type { ListenAddress } from '../config/control-options.js';
import { authority } from '../config/listen-urls.js';
import type { TlsFiles } from '../config/tls-files.js';
import { type ControlParts, controlModule } from '../control.module.js';
import { observeHttp } from '../observability/http-observer.js';
import { OpenApiDocument } from './open-api.js';
import { RequestsAtWork } from './requests-at-work.js';

/** A policy file is the largest thing that anybody sends. */
const MAX_BODY_BYTES = 512 << 10;

/** The HTTP API and the pages, on a port of their own. */
export class HttpServer {
  private constructor(
    readonly app: NestFastifyApplication,
    private readonly atWork: RequestsAtWork,
  ) {}

  /** Joins the parts of the program; it does not listen yet. */
  static async create(parts: ControlParts, tls: TlsFiles | undefined): Promise<HttpServer> {
    const adapter = new FastifyAdapter({
      bodyLimit: MAX_BODY_BYTES,
      forceCloseConnections: true,
      ...(tls && { https: { cert: tls.cert, key: tls.key } }),
    });
    // Policies come as text, whatever a client calls it.
    adapter.getInstance().addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    observeHttp(adapter.getInstance(), parts.observability, parts.logger);
    const atWork = new RequestsAtWork(adapter.getInstance());
    const app = await NestFactory.create<NestFastifyApplication>(controlModule(parts), adapter, {
      logger: false,
      abortOnError: false,
    });
    app.get(OpenApiDocument).describe(app, parts.status.version);
    await app.init();
    return new HttpServer(app, atWork);
  }

  /** Begins to listen; answers the port. @throws NetfoldError `control.cannot_listen` */
  async listen({ host, port }: ListenAddress): Promise<number> {
    try {
      await this.app.listen(port, host);
    } catch (cause) {
      throw new NetfoldError(
        {
          code: 'control.cannot_listen',
          message: `the server cannot listen at ${authority(host, port)}: ${cause instanceof Error ? cause.message : cause}`,
          where: authority(host, port),
          hint: 'choose another address or port, or stop the program that uses it',
        },
        { cause },
      );
    }
    const address = this.app.getHttpServer().address();
    return typeof address === 'object' && address ? address.port : port;
  }

  /** Resolves when what was asked for is answered, or after so many milliseconds. Connections end with their answers. */
  drain(patience: number): Promise<void> {
    return this.atWork.drain(patience);
  }

  /** Stops at once. */
  close(): Promise<void> {
    return this.app.close();
  }
}
