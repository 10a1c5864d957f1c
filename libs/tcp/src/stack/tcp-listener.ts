import type { TcpConnection } from '../connection/tcp-connection.js';
import type { Segment } from '../segment/segment.js';

/** Half-open connections of a listener; one more pushes out the oldest, so that a flood cannot lock others out. */
const MOST_HALF_OPEN = 256;

export interface ListenOptions {
  /** Called with each connection that is established. */
  readonly onConnection?: (connection: TcpConnection) => void;
  /**
   * Called with each connection that a peer asks for, to `accept` or `refuse` it then or within 30 s; without this,
   * all are accepted.
   */
  readonly onRequest?: (request: TcpConnection) => void;
}

/** Takes the connections that peers open to a port. */
export class TcpListener {
  readonly #halfOpen = new Set<TcpConnection>();

  constructor(
    readonly options: ListenOptions,
    readonly onClose: () => void,
  ) {}

  /** For the stack: a peer asks for this connection with a SYN. */
  request(now: number, connection: TcpConnection, syn: Segment): void {
    const [oldest] = this.#halfOpen;
    if (oldest && this.#halfOpen.size >= MOST_HALF_OPEN) oldest.abort(now);
    this.#halfOpen.add(connection);
    connection.ask(now, syn, {
      onOpen: () => {
        this.#halfOpen.delete(connection);
        this.options.onConnection?.(connection);
      },
      onClose: () => this.#halfOpen.delete(connection),
    });
    if (this.options.onRequest) this.options.onRequest(connection);
    else connection.accept(now);
  }

  /** Stops listening. Established connections stay; half-open ones are refused. */
  close(now: number): void {
    this.onClose();
    for (const connection of [...this.#halfOpen]) connection.abort(now);
  }
}
