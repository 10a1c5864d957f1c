import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** A span as OTLP/HTTP says it in JSON, with what the tests look at. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status?: { readonly code?: number };
  /** The process that it comes from. */
  readonly instance: string;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: ReceivedSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<ReceivedSpan, 'instance'>[] }[];
  }[];
}

/** An OTLP/HTTP collector that keeps what it is sent, and its very bytes. */
export class TestCollector {
  readonly spans: ReceivedSpan[] = [];
  /** All that was posted. */
  said = '';
  #changed = Promise.withResolvers<void>();

  private constructor(private readonly server: Server) {
    server.on('request', async (request, response) => {
      const body = await text(request);
      this.said += `${request.url}\n${body}\n`;
      for (const { resource, scopeSpans } of (JSON.parse(body) as Export).resourceSpans) {
        const instance = valueIn(resource.attributes, 'service.instance.id');
        for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => ({ ...span, instance })));
      }
      response.setHeader('content-type', 'application/json').end('{}');
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  static async start(): Promise<TestCollector> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestCollector(server);
  }

  get endpoint(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** Resolves when the condition holds; it is looked at after every export. */
  async until(condition: (spans: readonly ReceivedSpan[]) => boolean): Promise<void> {
    while (!condition(this.spans)) await this.#changed.promise;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** What an attribute says, as text. */
export const valueIn = (attributes: ReceivedSpan['attributes'], key: string): string =>
  String(Object.values(attributes.find((one) => one.key === key)?.value ?? {})[0] ?? '');
