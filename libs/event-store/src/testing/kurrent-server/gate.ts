import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A port that stays while the server behind it comes and goes, and a cable that can be cut. */
export class Gate {
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #sockets = new Set<Socket>();
  #target: number | undefined;

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.port;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Leads to the server at a port of this machine from now on; undefined to none. */
  lead(target: number | undefined): void {
    this.#target = target;
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(socket: Socket): void {
    if (this.#target === undefined) {
      socket.destroy();
      return;
    }
    const inner = connect(this.#target, '127.0.0.1');
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
