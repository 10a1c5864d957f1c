import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { MIN_REVISION } from './min-revision.js';
import { REVISION } from './revision-interceptor.js';

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
          'seen, and an Idempotency-Key to repeat a request safely. Where several servers answer, send the newest ' +
          'Netfold-Revision that you were given as Netfold-Min-Revision. Failures are application/problem+json with a ' +
          "stable `code`. '-' names the tailnet of your token.",
      )
      .setVersion(version)
      .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API token: nfa_…' })
      .build();
    const document = SwaggerModule.createDocument(app, config);
    addCommonParts(document);
    this.#json = JSON.stringify(document);
  }
}

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string', description: 'What was wrong, as a sentence' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable, for programs: node.unknown' },
    where: { type: 'string', description: 'The place in the input' },
    hint: { type: 'string', description: 'What to do next' },
    details: { type: 'object', description: 'What else is known, such as how two edits of a policy merge' },
    problems: { type: 'array', items: { type: 'object' }, description: 'Everything that is wrong with a policy' },
  },
} as const;

const failure = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

type Parameter = NonNullable<NonNullable<OpenAPIObject['paths'][string]['get']>['parameters']>[number];

const TAILNET: Parameter = {
  name: 'tailnet',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: "'-' for the tailnet of your token",
};

const MINIMUM: Parameter = {
  name: MIN_REVISION,
  in: 'header',
  schema: { type: 'integer' },
  description:
    'Answer once this server has seen this revision. After 5 s without: 503 control.behind; when the ledger has no ' +
    'such revision: 400 http.no_such_revision',
};

/** Of every answer about a tailnet. */
const ANSWERED_AT = {
  [REVISION]: {
    description: 'The revision that the answer was worked out from, or that the change made',
    schema: { type: 'integer' },
  },
} as const;

const ofChanges: Parameter[] = [
  TAILNET,
  MINIMUM,
  {
    name: 'If-Match',
    in: 'header',
    schema: { type: 'string' },
    description: 'Only if the tailnet is at this revision',
  },
  {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string' },
    description: 'The same key with the same request: the first outcome. With another one: http.idempotency_mismatch',
  },
  {
    name: 'traceparent',
    in: 'header',
    schema: { type: 'string' },
    description: 'The trace that the change belongs to (W3C Trace Context); its events keep it',
  },
  {
    name: 'Netfold-Reason',
    in: 'header',
    schema: { type: 'string' },
    description: 'Why, at most 500 characters as percent-encoded UTF-8; the ledger keeps it with the change',
  },
];

const ofQueries: Parameter[] = [
  TAILNET,
  MINIMUM,
  { name: 'minRevision', in: 'query', schema: { type: 'integer' }, description: 'Answer from it or a later revision' },
];

/** What all routes have in common is said once, and not at each of them. */
function addCommonParts(document: OpenAPIObject): void {
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: PROBLEM as object };
  for (const [path, { get, put, post, delete: remove }] of Object.entries(document.paths)) {
    for (const operation of [get, put, post, remove]) {
      if (!operation) continue;
      operation.responses.default = { ...failure };
      if (!path.includes('{tailnet}')) continue;
      for (const response of Object.values(operation.responses)) {
        if (response && 'description' in response) response.headers = { ...response.headers, ...ANSWERED_AT };
      }
      operation.parameters = [...(operation === get ? ofQueries : ofChanges), ...(operation.parameters ?? [])];
    }
  }
}
