import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { NetfoldError } from '#kernel';
import { UapiReader } from '#wireguard';
import { listenAt } from '../listen-at.js';

/** Where `wg` looks for the sockets of interfaces that are not the kernel's. */
export const UAPI_FOLDER = '/var/run/wireguard';

const MOST_CONNECTIONS = 64;
/** Milliseconds that a connection may be silent. */
const PATIENCE = 60_000;
const INVALID = 'errno=-22\n\n';

/** The userspace API of WireGuard for one interface, at NAME.sock: root's only, as it gives away the private key. */
export class UapiSocket {
  readonly #connections = new Set<Socket>();

  private constructor(
    readonly path: string,
    readonly server: Server,
    readonly answer: (operation: string) => string,
  ) {
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (connection) => void this.#serve(connection));
  }

  /**
   * @param answer what an operation is answered with; it never throws
   * @throws NetfoldError `agent.uapi_socket`
   */
  static async open(name: string, answer: (operation: string) => string, folder = UAPI_FOLDER): Promise<UapiSocket> {
    const path = join(folder, `${name}.sock`);
    // Who has sent all may still be waiting for the answer.
    const socket = new UapiSocket(path, createServer({ allowHalfOpen: true }), answer);
    try {
      if (await listenAt(socket.server, path, 0o755)) return socket;
    } catch (cause) {
      throw unavailable(path, (cause as Error).message, cause);
    }
    throw unavailable(path, 'another program answers there');
  }

  /** Removes the socket. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  async #serve(connection: Socket): Promise<void> {
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
    connection.on('error', () => {}); // whoever hangs up has no more questions
    connection.setTimeout(PATIENCE, () => connection.destroy());
    connection.setEncoding('latin1');
    try {
      await this.#answerAll(connection);
    } catch (error) {
      if (error instanceof NetfoldError) connection.write(INVALID);
    }
    connection.end();
  }

  /** The next operation waits until the answer before it is on its way: nobody fills the memory with answers. */
  async #answerAll(connection: Socket): Promise<void> {
    const reader = new UapiReader();
    for await (const chunk of connection as AsyncIterable<string>) {
      for (const operation of reader.take(chunk)) {
        const { promise: isSent, resolve: sent } = Promise.withResolvers<unknown>();
        connection.write(this.answer(operation), sent);
        await isSent;
        if (connection.destroyed) return;
      }
    }
  }
}

const unavailable = (path: string, why: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'agent.uapi_socket',
      message: `wg(8) cannot see this interface: ${why}`,
      where: path,
      hint: 'the tunnel works without it; name the interface otherwise with: netfold up --tun NAME',
    },
    { cause },
  );
