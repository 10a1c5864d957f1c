import { once } from 'node:events';
import { createServer } from 'node:http';
import { NetfoldError } from '#kernel';

/** Where metrics are served. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` and nothing else.
 * @param text in Prometheus' text format
 * @throws NetfoldError `agent.cannot_listen`
 */
export async function serveMetrics({ host, port }: MetricsAddress, text: () => string): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
    if (found) response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text());
    else response.writeHead(404).end();
  });
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'agent.cannot_listen',
        message: `metrics cannot be served at ${host}:${port}: ${cause instanceof Error ? cause.message : cause}`,
        where: '--metrics',
        hint: 'choose another address or port',
      },
      { cause },
    );
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
