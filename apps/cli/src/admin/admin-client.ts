import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { NetfoldError } from '#kernel';
import { AdminProblem } from './admin-problem.js';
import type { Credentials } from './credentials.js';
import { type SeenRevision, seenInThisRun } from './seen-revisions.js';

/** What a change answers. */
export interface Changed {
  readonly revision: number;
  /** None when it was so already. */
  readonly events: readonly { readonly type: string; readonly revision: number }[];
}

/** One request. A text is sent as it is, everything else as JSON. */
export interface AdminRequest {
  readonly body?: unknown;
  /** Refuse when what is written, or the tailnet, has moved on from this revision; `*`: replace whatever there is. */
  readonly ifRevision?: number | '*' | undefined;
  readonly signal?: AbortSignal;
}

/** What goes with every change. */
export interface Grounds {
  /** Why it is made. */
  readonly reason?: string | undefined;
  /** Why it is made without the approvals that it needs. */
  readonly emergency?: string | undefined;
  /** The place in a trace that it belongs to (W3C Trace Context), from whatever calls this program. */
  readonly trace?: string | undefined;
}

/** What an answer says beside what was asked for. */
export type Notice =
  /** Rules of review were set aside so many times, and nobody else has looked at it. */
  | { readonly kind: 'emergencies'; readonly count: number }
  /** The tailnet stands still: where, and by which problem. */
  | { readonly kind: 'paused'; readonly where: string };

const ATTEMPTS = 3;

/**
 * The admin API of a control plane, for the tailnet of the token. Every failure is a `NetfoldError`, the server's own
 * where it gave one. A change carries one idempotency key through all attempts, so it happens once.
 */
export class AdminClient {
  readonly #api: string;
  readonly #base: string;

  constructor(
    private readonly credentials: Credentials,
    private readonly grounds: Grounds = {},
    private readonly noticed: (notice: Notice) => void = () => {},
    /** What was seen is asked for again, whichever server answers. */
    private readonly seen: SeenRevision = seenInThisRun(),
  ) {
    this.#api = `${credentials.server.replace(/\/+$/, '')}/api/v1`;
    this.#base = `${this.#api}/tailnets/-`;
  }

  /** @param route `GET /nodes` */
  async call<T>(route: string, request: AdminRequest = {}): Promise<T> {
    return (await (await this.#send(route, request)).json()) as T;
  }

  /** What the server says of itself. */
  async server<T>(): Promise<T> {
    const response = await this.#attempt(`${this.#api}/server`, {});
    if (response.ok) return (await response.json()) as T;
    throw await AdminProblem.of(response);
  }

  async text(route: string): Promise<string> {
    return (await this.#send(route, {})).text();
  }

  /** A text, and the revision at which it is so. */
  async document(route: string): Promise<{ readonly text: string; readonly revision: number }> {
    const response = await this.#send(route, {});
    const revision = Number(response.headers.get('etag')?.replaceAll('"', ''));
    return { text: await response.text(), revision };
  }

  /** A text as it comes, piece by piece. */
  async *pieces(route: string, signal: AbortSignal): AsyncGenerator<string> {
    const { body } = await this.#send(route, { signal });
    if (!body) return;
    try {
      for await (const piece of body.pipeThrough(new TextDecoderStream())) yield piece;
    } catch (error) {
      if (!signal.aborted) throw this.#unreachable(error);
    }
  }

  /** The JSON values of a stream of lines, until it ends or the signal aborts. */
  async *lines<T>(route: string, signal: AbortSignal): AsyncGenerator<T> {
    const { body } = await this.#send(route, { signal });
    if (!body) return;
    try {
      for await (const line of createInterface({ input: Readable.fromWeb(body) })) yield JSON.parse(line) as T;
    } catch (error) {
      if (!signal.aborted) throw this.#unreachable(error);
    }
  }

  async #send(route: string, { body, ifRevision, signal }: AdminRequest): Promise<Response> {
    const [method = 'GET', path = ''] = route.split(' ');
    const headers = {
      authorization: `Bearer ${this.credentials.token}`,
      'netfold-client': 'cli',
      ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
      ...(method !== 'GET' && headersOf(this.grounds)),
      ...(body !== undefined && {
        'content-type': typeof body === 'string' ? 'application/hujson' : 'application/json',
      }),
      ...(ifRevision !== undefined && { 'if-match': ifRevision === '*' ? '*' : `"${ifRevision}"` }),
    };
    const init: RequestInit = {
      method,
      headers,
      ...(signal && { signal }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
    const response = await this.#sinceSeen(`${this.#base}${path}`, init);
    const count = Number(response.headers.get('netfold-emergencies') ?? 0);
    if (count > 0) this.noticed({ kind: 'emergencies', count });
    const where = response.headers.get('netfold-paused');
    if (where !== null) this.noticed({ kind: 'paused', where });
    if (response.ok) return response;
    throw await AdminProblem.of(response);
  }

  /**
   * A ledger that has no such revision was restored from a backup, or is another one: then what was seen does not count.
   * One that stands still shows what it has, and says so.
   */
  async #sinceSeen(url: string, init: RequestInit): Promise<Response> {
    const { newest } = this.seen;
    const headers = new Headers(init.headers);
    if (newest >= 0) headers.set('netfold-min-revision', String(newest));
    const response = await this.#attempt(url, { ...init, headers });
    const revision = Number(response.headers.get('netfold-revision') ?? -1);
    if (revision > newest) this.seen.note(revision);
    if (newest < 0 || response.ok) return response;
    const { code } = await AdminProblem.of(response.clone());
    if (code === 'tailnet.paused' && init.method === 'GET') return this.#attempt(url, init);
    if (code !== 'http.no_such_revision') return response;
    this.seen.note(-1);
    return this.#sinceSeen(url, init);
  }

  async #attempt(url: string, init: RequestInit, left = ATTEMPTS): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      // A connection that broke says nothing about the outcome; the same idempotency key asks for the same one.
      if (left > 1 && causeOf(error) === 'ECONNRESET') return this.#attempt(url, init, left - 1);
      throw this.#unreachable(error);
    }
  }

  #unreachable(cause: unknown): NetfoldError {
    const code = causeOf(cause);
    const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
    const hint = untrusted
      ? 'trust its certificate: NODE_EXTRA_CA_CERTS=FILE'
      : 'check that the server runs, and the URL (NETFOLD_SERVER, --server, or the saved login)';
    return new NetfoldError(
      {
        code: 'control.unreachable',
        message: `the control plane does not answer: ${code}`,
        where: this.credentials.server,
        hint,
      },
      { cause },
    );
  }
}

const headersOf = ({ reason, emergency, trace }: Grounds) => ({
  ...(trace && { traceparent: trace }),
  ...(reason !== undefined && { 'netfold-reason': encodeURIComponent(reason.toWellFormed()) }),
  ...(emergency !== undefined && { 'netfold-emergency': encodeURIComponent(emergency.toWellFormed()) }),
});

function causeOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? String(error);
}
