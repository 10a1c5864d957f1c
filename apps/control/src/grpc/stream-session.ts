import type { ServerDuplexStream } from '@grpc/grpc-js';
import { NetfoldError, type Problem, problemOf, type Random } from '#kernel';
import { type AgentMessage, decodeAgentMessage, encodeServerMessage, type SignedClaim } from '#wire';
import type { Replicas } from '../cluster/replicas.js';
import type { FlowLog } from '../flows/flow-log.js';
import type { Following } from '../ledger/following.js';
import { credible } from '../presence/credible.js';
import type { AgentStream } from '../stream/agent-stream.js';
import type { LiveStreams } from '../stream/live-streams.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { type Admitted, admit } from './admission.js';
import { grpcFailure } from './grpc-failure.js';

type Call = ServerDuplexStream<Uint8Array, Uint8Array>;

const NONCE_BYTES = 32;
const HELLO_TIMEOUT_MS = 15_000;
const PING_EVERY_MS = 20_000;
/** An agent that has said nothing for so many pings is gone. */
const MAX_SILENT_PINGS = 3;
/** An agent that is sent elsewhere goes after so many milliseconds at the latest. */
const ELSEWHERE_SPREAD_MS = 1_000;

/** What a session needs of the program. */
export interface SessionPorts {
  readonly tailnets: Tailnets;
  readonly live: LiveStreams;
  readonly replicas: Pick<Replicas, 'servers'>;
  readonly following: Pick<Following, 'caughtUp'>;
  readonly flows: FlowLog;
  readonly random: Random;
}

/** One call of `Stream`: challenge, hello, then the agent's messages until either side ends it. */
export class StreamSession {
  readonly #nonce: Uint8Array;
  #joined: { readonly tailnet: Tailnet; readonly stream: AgentStream } | undefined;
  #hello: SignedClaim | undefined;
  #over = false;
  #silentPings = 0;
  /** The servers that the agent was told of last. */
  #told: readonly string[];
  #timer: NodeJS.Timeout;

  constructor(
    private readonly call: Call,
    private readonly ports: SessionPorts,
  ) {
    this.#nonce = ports.random.bytes(NONCE_BYTES);
    this.#timer = setTimeout(() => this.#fail(helloTimeout()), HELLO_TIMEOUT_MS);
    call.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    call.on('end', () => this.#end());
    call.on('cancelled', () => this.#left());
    call.on('error', () => this.#left()); // grpc-js ends the call with the status that the error carries
    this.#told = ports.replicas.servers;
    const takesFlows = ports.flows.isOpen;
    call.write(encodeServerMessage({ kind: 'challenge', nonce: this.#nonce, servers: this.#told, takesFlows }));
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#handle(decodeAgentMessage(bytes));
    } catch (error) {
      this.#fail(error);
    }
  }

  #handle(message: AgentMessage): void {
    this.#silentPings = 0;
    if (message.kind === 'hello') {
      if (this.#hello) throw outOfOrder('hello came twice');
      this.#hello = message.hello;
      void this.#greet(message.hello);
      return;
    }
    if (!this.#joined) throw outOfOrder(`${message.kind} came before hello`);
    const { tailnet, stream } = this.#joined;
    if (message.kind === 'ack') stream.acknowledge(message);
    else if (message.kind === 'presence') tailnet.hub.report(stream, credible(message.report));
    else if (message.kind === 'letter') tailnet.letters.carry(stream.nodeId, message.letter);
    else if (message.kind === 'flows') this.ports.flows.take(tailnet.id, stream.nodeId, message.report);
  }

  async #greet(hello: SignedClaim): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const admitted = await admit(this.ports, this.#nonce, hello);
      if (this.ports.live.draining) this.#sendElsewhere('draining');
      else if (!this.#over) this.#open(admitted);
    } catch (error) {
      if (isForAnother(error)) this.#sendElsewhere('behind', problemOf(error));
      else this.#fail(error);
    }
  }

  #open({ tailnet, hello, former }: Admitted): void {
    this.#timer = setInterval(() => this.#ping(), PING_EVERY_MS);
    const sink = {
      send: (bytes: Uint8Array, sent: () => void) => {
        this.call.write(bytes, (error: unknown) => {
          if (!error) sent();
        });
      },
      end: () => this.#end(),
    };
    this.#joined = { tailnet, stream: this.ports.live.open(tailnet, hello, sink, former) };
  }

  #ping(): void {
    if (this.#silentPings >= MAX_SILENT_PINGS) this.#fail(silent());
    else if (this.#joined) this.#askWhetherThere(this.#joined.stream);
  }

  #askWhetherThere(stream: AgentStream): void {
    const { servers } = this.ports.replicas;
    const news = servers.join() === this.#told.join() ? undefined : servers;
    if (stream.ping(++this.#silentPings, news) && news) this.#told = news;
  }

  #sendElsewhere(reason: 'behind' | 'draining', problem?: Problem): void {
    if (this.#over) return;
    const retryAfter = Math.floor(Math.random() * ELSEWHERE_SPREAD_MS);
    this.call.write(encodeServerMessage({ kind: 'goodbye', reason, retryAfter, ...(problem && { problem }) }));
    this.#end();
  }

  #fail(error: unknown): void {
    if (!this.#over) this.call.emit('error', grpcFailure(error));
  }

  #end(): void {
    this.#left();
    this.call.end();
  }

  #left(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    if (!this.#joined) return;
    const { tailnet, stream } = this.#joined;
    this.#joined = undefined;
    this.ports.live.closed(tailnet, stream);
  }
}

const outOfOrder = (message: string): NetfoldError => new NetfoldError({ code: 'wire.out_of_order', message });

/** Whether another replica may be able to serve the agent. */
const isForAnother = (error: unknown): boolean =>
  error instanceof NetfoldError && /^(control\.(behind|store_away)|tailnet\.paused|store\.)/.test(error.code);

const helloTimeout = (): NetfoldError =>
  new NetfoldError({ code: 'wire.no_hello', message: `no hello came within ${HELLO_TIMEOUT_MS / 1000} s` });

const silent = (): NetfoldError =>
  new NetfoldError({ code: 'wire.silent', message: 'the agent has not answered for a minute' });
