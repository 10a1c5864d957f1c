/** What a replica answered; undefined when it is not known whether it did what it was asked. */
export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Of the state that the answer was worked out from. */
  readonly revision: number;
}

/** An admin waits no longer. */
const PATIENCE_MS = 5_000;

/** The HTTP API of one replica, to one admin. */
export class ReplicaApi {
  constructor(
    private readonly urlOf: () => string,
    private readonly token: string,
  ) {}

  /** @returns undefined when no answer came */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    patience = PATIENCE_MS,
  ): Promise<Answer | undefined> {
    const isText = typeof body === 'string';
    try {
      const response = await fetch(`${this.urlOf()}/api/v1/tailnets/-/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body !== undefined && { 'content-type': isText ? 'application/hujson' : 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience),
      });
      return answerOf(response, await response.text());
    } catch {
      return undefined; // broken off, or too late
    }
  }
}

function answerOf({ status, headers }: Response, text: string): Answer {
  const isJson = headers.get('content-type')?.includes('json') ?? false;
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  const named = headers.get('netfold-revision') ?? headers.get('etag')?.replaceAll('"', '') ?? body.revision ?? -1;
  return { status, body, text, code: typeof body.code === 'string' ? body.code : undefined, revision: Number(named) };
}
