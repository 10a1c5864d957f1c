import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { NetfoldError } from '#kernel';
import type { Endpoint } from '../udp/udp-socket.js';
import { framed, messagesOf } from './dns-framing.js';

/** Answers one message, or has nothing to say to it. Never rejects. */
export type AnswerMessage = (message: Uint8Array, transport: 'udp' | 'tcp') => Promise<Uint8Array | undefined>;

/** A connection on which nobody asks is closed after so long, in milliseconds (RFC 7766, 6.2.3). */
const IDLE = 10_000;

const MAX_CONNECTIONS = 64;

/** How many ports are tried where any will do. */
const ATTEMPTS = 16;

/** Hands the messages that come to an address, over UDP and TCP, to whoever answers them. */
export class DnsServer {
  readonly #connections = new Set<Socket>();

  private constructor(
    private readonly udp: UdpSocket,
    private readonly tcp: Server,
    private readonly answer: AnswerMessage,
  ) {}

  /**
   * @param at port 0: any that is free, the same for both
   * @throws NetfoldError `dns.cannot_listen`
   */
  static async listen(at: Endpoint, answer: AnswerMessage): Promise<DnsServer> {
    for (let attempt = 1; ; attempt++) {
      const server = new DnsServer(createSocket(isIPv6(at.address) ? 'udp6' : 'udp4'), createServer(), answer);
      try {
        await server.#bind(at);
        server.#serve();
        return server;
      } catch (cause) {
        await server.close();
        // What was free for UDP may be taken for TCP.
        const another = at.port === 0 && attempt < ATTEMPTS && (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (!another) throw cannotListen(at, cause as NodeJS.ErrnoException);
      }
    }
  }

  get address(): Endpoint {
    const { address, port } = this.udp.address();
    return { address, port };
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    const closed = (this.tcp.address() as AddressInfo | null) ? once(this.tcp, 'close') : Promise.resolve();
    this.tcp.close();
    await Promise.all([closed, new Promise<void>((done) => this.udp.close(done))]);
  }

  async #bind(at: Endpoint): Promise<void> {
    this.udp.bind(at.port, at.address);
    await once(this.udp, 'listening');
    this.tcp.listen(this.address.port, at.address);
    await once(this.tcp, 'listening');
  }

  #serve(): void {
    this.udp.on('message', (message, { address, port }) => {
      void this.answer(message, 'udp').then((reply) => {
        // Whoever asked may be gone, and the socket too: nobody waits for this answer then.
        if (reply) this.udp.send(reply, port, address, () => {});
      });
    });
    this.udp.on('error', () => {}); // of an answer that did not reach anybody
    this.tcp.maxConnections = MAX_CONNECTIONS;
    this.tcp.on('connection', (connection) => void this.#converse(connection));
  }

  async #converse(connection: Socket): Promise<void> {
    this.#connections.add(connection);
    connection.setTimeout(IDLE, () => connection.destroy());
    connection.on('error', () => {}); // ends the loop below
    try {
      for await (const message of messagesOf(connection)) {
        const reply = await this.answer(message, 'tcp');
        if (!reply) break;
        connection.write(framed(reply));
      }
    } catch {
      // Reset by the asker: there is nobody left to tell.
    } finally {
      this.#connections.delete(connection);
      connection.end();
    }
  }
}

const cannotListen = ({ address, port }: Endpoint, cause: NodeJS.ErrnoException): NetfoldError =>
  new NetfoldError(
    {
      code: 'dns.cannot_listen',
      message: `names cannot be served on ${address}, port ${port}: ${cause.code ?? cause.message}`,
      where: `${address}:${port}`,
      hint:
        cause.code === 'EADDRINUSE'
          ? 'another program serves names there; stop it'
          : 'run as root, or with CAP_NET_BIND_SERVICE',
    },
    { cause },
  );
