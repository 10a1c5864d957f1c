import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { DelayLine } from './delay-line.js';

/** A cable to a port of this machine that can be cut, be slow, and swallow what goes in. */
export class TcpProxy {
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** Milliseconds that everything takes more, in both directions. */
  delay = 0;
  #state: 'open' | 'cut' | 'holding' = 'open';

  /** @param target the port that it leads to, asked for each connection; undefined refuses */
  constructor(private readonly target: () => number | undefined) {}

  async open(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Breaks all connections, and takes no new ones until `heal`. */
  cut(): void {
    this.#state = 'cut';
    this.breakAll();
  }

  /** Lets nothing through until `heal`, and tells nobody. */
  hold(): void {
    this.#state = 'holding';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  heal(): void {
    this.#state = 'open';
    this.delay = 0;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Breaks the connections that there are. */
  breakAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.breakAll();
    await once(this.#server, 'close');
  }

  #join(socket: Socket): void {
    const target = this.target();
    if (this.#state === 'cut' || target === undefined) {
      socket.destroy();
      return;
    }
    const pair = [socket, connect(target, '127.0.0.1')] as const;
    this.#pairs.add(pair);
    for (const [one, other] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      one.setNoDelay(true);
      one.on('error', () => {});
      const line = new DelayLine();
      one.on('data', (bytes) => line.pass(this.delay, () => this.#pass(bytes, one, other)));
      one.on('end', () => line.pass(this.delay, () => other.end()));
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
      if (this.#state === 'holding') one.pause();
    }
  }

  #pass(bytes: Buffer, from: Socket, to: Socket): void {
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => this.#state !== 'holding' && from.resume());
  }
}
