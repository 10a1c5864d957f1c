import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../udp/udp-socket.js';
import { joinStreams } from './join-streams.js';
import type { TcpRequest, TcpServer, UserspaceTcp } from './userspace-tcp.js';

/** Ordinary connections, one for each that a peer opens; it is accepted once there is somebody to take it. */
export class TcpRelays {
  readonly #server: TcpServer;
  readonly #sockets = new Set<Socket>();

  /** @param target where a connection leads, or undefined to refuse it */
  constructor(tcp: UserspaceTcp, target: (request: TcpRequest) => Endpoint | undefined) {
    this.#server = tcp.listenElsewhere(async (request) => {
      const to = target(request);
      const outside = to && (await this.#connect(to, request.signal));
      return outside && ((socket) => joinStreams(socket, outside));
    });
  }

  /** Takes no more connections, and ends those there are. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  // Without the signal, a peer that asks and goes away leaves a socket behind for each time.
  #connect({ address, port }: Endpoint, signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true, signal });
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.once('connect', () => resolve(socket));
      socket.once('error', reject);
    });
  }
}
