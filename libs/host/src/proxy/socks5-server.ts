import { createServer, type Server, type Socket } from 'node:net';
import { problemOf } from '#kernel';
import type { Endpoint } from '../udp/udp-socket.js';
import { joinStreams } from '../userspace/tcp/join-streams.js';
import type { Dial } from './dial.js';
import { endWith } from './last-words.js';
import { listenOnLoopback } from './loopback-listener.js';
import { readMessage } from './read-message.js';
import { encodeReply, parseGreeting, parseRequest, SOCKS, type SocksRequest, SocksSyntax } from './socks5-messages.js';
import type { Associate } from './udp-association.js';

export interface Socks5Options {
  /** Where to listen: an address of this machine only; port 0 for one that is free. */
  readonly listen: Endpoint;
  readonly dial: Dial;
  /** For UDP ASSOCIATE; without it, that is refused. */
  readonly associate?: Associate;
}

/** Milliseconds in which a client must say what it wants. */
const PATIENCE = 10_000;

/** A SOCKS5 proxy on loopback, without authentication (RFC 1928): CONNECT, and UDP ASSOCIATE. */
export class Socks5Server {
  readonly #clients = new Set<Socket>();

  private constructor(
    readonly options: Socks5Options,
    readonly server: Server,
    readonly at: Endpoint,
  ) {}

  /** @throws NetfoldError `proxy.not_loopback`, `proxy.cannot_listen` */
  static async start(options: Socks5Options): Promise<Socks5Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const started = new Socks5Server(options, server, await listenOnLoopback(server, options.listen));
    server.on('connection', (client) => void started.#serve(client));
    return started;
  }

  /** Ends the server and every connection through it. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  async #serve(client: Socket): Promise<void> {
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    client.on('error', () => client.destroy());
    const timer = setTimeout(() => client.destroy(), PATIENCE);
    try {
      const methods = await readMessage(client, parseGreeting);
      const method = methods.includes(SOCKS.method.none) ? SOCKS.method.none : SOCKS.method.unacceptable;
      const answer = Uint8Array.of(SOCKS.version, method);
      if (method === SOCKS.method.unacceptable) return endWith(client, answer);
      client.write(answer);
      const request = await readMessage(client, parseRequest);
      clearTimeout(timer);
      await this.#answer(client, request);
    } catch (error) {
      if (!client.destroyed) endWith(client, encodeReply(replyFor(error), '0.0.0.0', 0));
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(client: Socket, { command, host, port }: SocksRequest): Promise<void> {
    if (command === SOCKS.command.udpAssociate && this.options.associate) {
      const relay = await this.options.associate(client);
      client.write(encodeReply(SOCKS.reply.succeeded, relay.address, relay.port));
      client.once('end', () => client.end()).resume();
    } else if (command === SOCKS.command.connect) {
      const remote = await this.options.dial(host, port);
      if (client.destroyed) return void remote.destroy();
      client.write(encodeReply(SOCKS.reply.succeeded, '0.0.0.0', 0));
      joinStreams(client, remote);
    } else throw new SocksSyntax('an unknown command', SOCKS.reply.unknownCommand);
  }
}

const REPLIES: Readonly<Record<string, number>> = {
  'tcp.refused': SOCKS.reply.refused,
  'tcp.timeout': SOCKS.reply.expired,
  'proxy.unknown_name': SOCKS.reply.unreachable,
  'host.no_address': SOCKS.reply.unreachable,
};

const replyFor = (error: unknown): number =>
  error instanceof SocksSyntax ? error.reply : (REPLIES[problemOf(error).code] ?? SOCKS.reply.failure);
