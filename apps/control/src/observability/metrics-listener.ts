import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { NetfoldError } from '#kernel';
import type { ListenAddress } from '../config/control-options.js';

/** Serves metrics, and nothing else. */
export interface MetricsListener {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` on a listener of its own, so that whoever may read metrics need not reach the API, and the other way
 * round: what scrapes holds no token. Metrics name nobody, so there is nothing in them to be asked for a password for.
 * @throws NetfoldError `control.cannot_listen`
 */
export async function listenForMetrics(registry: Registry, { host, port }: ListenAddress): Promise<MetricsListener> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, host, port);
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'control.cannot_listen',
        message: `metrics cannot be served at ${host}:${port}: ${cause instanceof Error ? cause.message : cause}`,
        where: '--metrics',
        hint: 'choose another address or port, or none',
      },
      { cause },
    );
  }
}
