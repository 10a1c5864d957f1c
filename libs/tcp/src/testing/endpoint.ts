import type { TcpConnection } from '../connection/tcp-connection.js';
import type { SimulatedNetwork } from './simulated-network.js';

const CHUNK = 65_536;

/** A program at one end of a connection: sends what it is given, then ends; keeps or counts what it receives. */
export class Endpoint {
  received = 0;
  readonly chunks: Uint8Array[] = [];
  opened = false;
  ended = false;
  closed = false;
  failure: string | undefined;
  #sent = 0;
  readonly #scratch = new Uint8Array(CHUNK);

  constructor(
    readonly network: SimulatedNetwork,
    readonly connection: TcpConnection,
    readonly data: Uint8Array,
    readonly keep = true,
  ) {
    connection.observe({
      onOpen: () => {
        this.opened = true;
      },
      onReadable: () => this.#read(),
      onWritable: () => this.#write(),
      onClose: (failure) => {
        this.closed = true;
        this.failure = failure?.code;
      },
    });
    this.#write();
    this.#read();
  }

  #write(): void {
    while (this.#sent < this.data.length) {
      const taken = this.connection.write(this.network.now, this.data.subarray(this.#sent, this.#sent + CHUNK));
      this.#sent += taken;
      if (taken === 0) return;
    }
    this.connection.end(this.network.now);
  }

  #read(): void {
    for (;;) {
      const length = this.connection.read(this.network.now, this.#scratch);
      if (length === 0) break;
      this.received += length;
      if (this.keep) this.chunks.push(this.#scratch.slice(0, length));
    }
    this.ended = this.connection.ended;
  }
}
