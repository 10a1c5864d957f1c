import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemOf } from '#kernel';
import type { Endpoint } from '../udp/udp-socket.js';
import { joinStreams } from '../userspace/tcp/join-streams.js';
import type { Dial } from './dial.js';
import { endWith } from './last-words.js';
import { listenOnLoopback } from './loopback-listener.js';

export interface HttpProxyOptions {
  /** Where to listen: an address of this machine only; port 0 for one that is free. */
  readonly listen: Endpoint;
  readonly dial: Dial;
}

// RFC 9110, 7.6.1; Proxy-Connection is what old clients send in place of Connection.
const HOP_BY_HOP = ['connection', 'proxy-connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const FOR_THE_PROXY = [...HOP_BY_HOP, 'proxy-authorization', 'host'];

/** An HTTP proxy on loopback, without authentication: CONNECT (RFC 9110, 9.3.6), and requests for `http://` addresses. */
export class HttpProxyServer {
  readonly #open = new Set<Duplex>();

  private constructor(
    readonly dial: Dial,
    readonly server: Server,
    readonly at: Endpoint,
  ) {
    server.on('connect', (asked, client, head) => void this.#connect(asked, client, head));
    server.on('request', (asked, answer) => this.#forward(asked, answer));
  }

  /** @throws NetfoldError `proxy.not_loopback`, `proxy.cannot_listen` */
  static async start({ listen, dial }: HttpProxyOptions): Promise<HttpProxyServer> {
    const server = createServer();
    return new HttpProxyServer(dial, server, await listenOnLoopback(server, listen));
  }

  /** Ends the server and every connection through it. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    for (const stream of this.#open) stream.destroy();
    await closed;
  }

  async #connect({ url = '' }: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    this.#track(client);
    client.on('error', () => client.destroy());
    try {
      const { host, port } = parseAuthority(url);
      const remote = await this.dial(host, port);
      if (client.destroyed) return void remote.destroy();
      this.#track(remote);
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) client.unshift(head);
      joinStreams(client, remote);
    } catch (error) {
      const { status, text } = explain(error);
      endWith(client, `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${text}\n`);
    }
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    const url = URL.canParse(asked.url ?? '') ? new URL(asked.url ?? '') : undefined;
    if (url?.protocol !== 'http:') {
      refuse(answer, new BadTarget('this is a proxy: ask it for http:// addresses'));
      return;
    }
    this.dial(unbracketed(url.hostname), Number(url.port || 80)).then(
      (remote) => this.#exchange(asked, answer, url, remote),
      (error) => refuse(answer, error),
    );
  }

  #exchange(asked: IncomingMessage, answer: ServerResponse, url: URL, remote: Duplex): void {
    this.#track(remote);
    const headers = { ...without(asked.headers, FOR_THE_PROXY), host: url.host, connection: 'close' };
    const path = url.pathname + url.search;
    const onward = request({ createConnection: () => remote, method: asked.method, path, headers, setHost: false });
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, without(response.headers, HOP_BY_HOP));
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    onward.on('error', (error) => (answer.headersSent ? answer.destroy() : refuse(answer, error)));
    answer.on('close', () => remote.destroy());
    asked.pipe(onward);
  }

  #track(stream: Duplex): void {
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
  }
}

class BadTarget extends Error {}

/** `host:port`, `[fd7a::1]:443` (RFC 9112, 3.2.3). */
function parseAuthority(authority: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^:@/]+):([0-9]{1,5})$/.exec(authority);
  const [, host = '', port = ''] = match ?? [];
  if (!match || Number(port) < 1 || Number(port) > 65_535) throw new BadTarget('CONNECT takes host:port');
  return { host: unbracketed(host), port: Number(port) };
}

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

function without<T>(headers: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase())));
}

function explain(error: unknown): { readonly status: string; readonly text: string } {
  if (error instanceof BadTarget) return { status: '400 Bad Request', text: error.message };
  const { code, message, hint } = problemOf(error);
  const text = hint ? `${message}: ${hint}` : message;
  return { status: code === 'tcp.timeout' ? '504 Gateway Timeout' : '502 Bad Gateway', text };
}

function refuse(answer: ServerResponse, error: unknown): void {
  const { status, text } = explain(error);
  answer.writeHead(Number(status.slice(0, 3)), { 'content-type': 'text/plain' }).end(`${text}\n`);
}
