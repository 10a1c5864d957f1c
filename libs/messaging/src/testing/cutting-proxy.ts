import { connect, createServer, type Server, type Socket } from 'node:net';

const PRODUCE = 0;

/** Stands between clients and a broker, and cuts connections at the worst moment. */
export class CuttingProxy {
  readonly #sockets = new Set<Socket>();
  #target = { host: '127.0.0.1', port: 0 };
  #toCut = 0;
  #cut = 0;

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {
    server.on('connection', (client) => this.#join(client));
  }

  static async listen(): Promise<CuttingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return new CuttingProxy(server, `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  }

  /** How many answers were cut off. */
  get cut(): number {
    return this.#cut;
  }

  forwardTo(address: string): void {
    const [host = '', port = ''] = address.split(':');
    this.#target = { host, port: Number(port) };
  }

  /** The broker gets the next so many batches, and whoever sent them never hears of it. */
  cutAnswers(count: number): void {
    this.#toCut = count;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket): void {
    const broker = connect(this.#target);
    let cutNext = false;
    client.on('data', (data) => {
      // A client that is tested here waits for each answer, so a request is what comes at once.
      if (data.length > 6 && data.readInt16BE(4) === PRODUCE && this.#toCut > 0) {
        this.#toCut -= 1;
        cutNext = true;
      }
      broker.write(data);
    });
    broker.on('data', (data) => {
      if (!cutNext) return void client.write(data);
      this.#cut += 1;
      client.destroy();
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
