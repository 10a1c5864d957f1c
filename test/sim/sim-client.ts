import { NetfoldError } from '#kernel';
import { type Scheduler, SimulatedConnection } from '#sim';
import {
  type AgentClient,
  type AgentMessage,
  decodeServerMessage,
  encodeAgentMessage,
  type ServerMessage,
} from '#wire';
import type { SimControl } from './sim-control.js';

/** So long nobody says that a server does not answer, in milliseconds. */
const PATIENCE = 300;

type Connection = SimulatedConnection<Uint8Array, Uint8Array>;

/** The way from one machine to the control plane, and whether it is passable. */
export class ControlRoute {
  passable = true;
  /** Milliseconds one way. */
  latency = 10;
  /** Milliseconds that a message takes to leave the server. */
  transmission = 0;
  readonly #open = new Set<Connection>();

  constructor(
    readonly scheduler: Scheduler,
    readonly control: SimControl,
  ) {}

  /** Breaks what is connected; each end notices in its own time, in milliseconds. */
  break(client: number, server: number): void {
    for (const connection of this.#open) connection.break(client, server);
    this.#open.clear();
  }

  connect(): Connection {
    const connection: Connection = new SimulatedConnection(this.scheduler, this);
    this.#open.add(connection);
    return connection;
  }
}

/** What an agent talks to the control plane with: gRPC's part, without gRPC. @param endpoints of the machine */
export function simClient(
  route: ControlRoute,
  endpoints: () => readonly string[],
): Pick<AgentClient, 'beginLogin' | 'stream' | 'command' | 'register' | 'close'> {
  const { scheduler, control } = route;
  return {
    stream: () => {
      const inbox = new Inbox();
      if (!route.passable) {
        scheduler.after(PATIENCE, () => inbox.end(unreachable()));
        return { messages: inbox, send: () => {}, flushed: async () => {}, close: () => inbox.end() };
      }
      const connection = route.connect();
      connection.open(
        {
          received: (bytes) => inbox.put(decodeServerMessage(bytes)),
          ended: (broken) => inbox.end(broken ? unreachable() : undefined),
        },
        control.accept(connection.server, endpoints),
      );
      const close = () => {
        inbox.end();
        connection.client.end();
      };
      const send = (message: AgentMessage) => connection.client.send(encodeAgentMessage(message));
      return { messages: inbox, send, flushed: async () => {}, close };
    },
    command: async ({ nodeId, commandId, action }) => {
      await scheduler.pause(route.latency);
      if (!route.passable) throw unreachable();
      const result = control.executeFor(nodeId, action, commandId);
      await scheduler.pause(route.latency);
      if (!route.passable) throw unreachable(); // it is done, and the node does not know
      if (!result.ok) throw new NetfoldError(result.error);
      return result.value;
    },
    beginLogin: () => Promise.reject(unreachable()),
    register: () => Promise.reject(unreachable()),
    close: () => {},
  };
}

/** Messages as they come. */
class Inbox implements AsyncIterable<ServerMessage> {
  readonly #messages: ServerMessage[] = [];
  #failure: NetfoldError | undefined;
  #over = false;
  #changed = Promise.withResolvers<void>();

  put(message: ServerMessage): void {
    if (this.#over) return;
    this.#messages.push(message);
    this.#changed.resolve();
  }

  end(failure?: NetfoldError): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) yield message;
      else if (this.#failure) throw this.#failure;
      else if (this.#over) return;
      else {
        await this.#changed.promise;
        this.#changed = Promise.withResolvers();
      }
    }
  }
}

const unreachable = (): NetfoldError =>
  new NetfoldError({ code: 'control.unreachable', message: 'the control plane did not answer' });
