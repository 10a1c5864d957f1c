import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fromUtf8, NetfoldError, problemOf } from '#kernel';
import { listenAt } from '../listen-at.js';

/** A request to the local API, already read. */
export interface LocalRequest {
  readonly query: URLSearchParams;
  /** The decoded JSON body; undefined when there was none. */
  readonly body: unknown;
  /** Ends when the caller hangs up. */
  readonly gone: AbortSignal;
}

/** What a route answers: text, an object sent as JSON, or objects sent one line each (NDJSON). */
export type LocalAnswer = string | object | AsyncIterable<object>;

/** `GET /status` and the like. */
export type LocalRoutes = Readonly<Record<string, (request: LocalRequest) => Promise<LocalAnswer>>>;

const BODY_LIMIT = 1 << 20;
// sockaddr_un holds 108 bytes with its final zero (unix(7)).
const PATH_LIMIT = 107;

/**
 * HTTP and JSON on a unix socket in a folder that only its owner may enter: whoever can connect is the owner or root,
 * so there is no other authentication.
 */
export class LocalServer {
  private constructor(
    readonly path: string,
    readonly server: Server,
  ) {}

  /** @throws NetfoldError `agent.already_running`, `agent.socket` */
  static async listen(path: string, routes: LocalRoutes): Promise<LocalServer> {
    if (Buffer.byteLength(path) > PATH_LIMIT) throw socketProblem(path, `longer than ${PATH_LIMIT} bytes`);
    const server = createServer((request, response) => void answer(routes, request, response));
    try {
      if (!(await listenAt(server, path, 0o700))) throw alreadyRunning(path);
      return new LocalServer(path, server);
    } catch (error) {
      throw error instanceof NetfoldError ? error : socketProblem(path, (error as Error).message, error);
    }
  }

  /** Stops answering and removes the socket. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(routes: LocalRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://agent');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const route = routes[`${request.method} ${url.pathname}`];
    if (!route)
      throw new NetfoldError({ code: 'agent.no_route', message: `no ${request.method} ${url.pathname} here` });
    await send(response, await route({ query: url.searchParams, body: await readJson(request), gone: gone.signal }));
  } catch (error) {
    refuse(response, error);
  }
}

async function send(response: ServerResponse, body: LocalAnswer): Promise<void> {
  if (typeof body === 'string') {
    response.setHeader('content-type', 'text/plain; charset=utf-8').end(body);
  } else if (Symbol.asyncIterator in body) {
    await sendLines(response, body);
  } else {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  }
}

/** What fails before the first line is a failed request. */
async function sendLines(response: ServerResponse, lines: AsyncIterable<object>): Promise<void> {
  for await (const line of lines) {
    if (!response.headersSent) response.setHeader('content-type', 'application/x-ndjson').flushHeaders();
    response.write(`${JSON.stringify(line)}\n`);
  }
  response.end();
}

/** A failure becomes its problem (RFC 9457 media type); after the first line it can only cut the stream off. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = problemOf(error);
  response.statusCode = problem.code === 'internal' ? 500 : problem.code === 'agent.no_route' ? 404 : 400;
  response.setHeader('content-type', 'application/problem+json').end(JSON.stringify(problem));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length <= BODY_LIMIT) parts.push(part); // the rest is read too: whoever still writes cannot read a refusal
  }
  if (length > BODY_LIMIT) throw new NetfoldError({ code: 'agent.bad_request', message: 'the request is too large' });
  if (length === 0) return undefined;
  try {
    return JSON.parse(fromUtf8(Buffer.concat(parts)));
  } catch (cause) {
    throw new NetfoldError({ code: 'agent.bad_request', message: 'the request is not JSON' }, { cause });
  }
}

const alreadyRunning = (path: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.already_running',
    message: 'another agent is running here',
    where: path,
    hint: 'stop it first, or give this one a --state-dir and a --socket of its own',
  });

const socketProblem = (path: string, why: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'agent.socket',
      message: `cannot open the local socket: ${why}`,
      where: path,
      hint: 'choose another --socket',
    },
    { cause },
  );
