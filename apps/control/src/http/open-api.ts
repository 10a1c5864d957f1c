import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The description of the HTTP API, made of the routes once they are all known. */
export class OpenApiDocument {
  #json = '';

  get json(): string {
    return this.#json;
  }

  describe(app: INestApplication, version: string): void {
    const config = new DocumentBuilder()
      .setTitle('netfold')
      .setDescription(
        'Every answer about a tailnet holds at a revision: its ETag. Send it as If-Match to change only what you have ' +
          'seen, and an Idempotency-Key to repeat a request safely. Failures are application/problem+json with a ' +
          "stable `code`. '-' names the tailnet of your token.",
      )
      .setVersion(version)
      .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API token: nfa_…' })
      .build();
    this.#json = JSON.stringify(SwaggerModule.createDocument(app, config));
  }
}
