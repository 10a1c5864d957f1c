import type { ServerDuplexStream } from '@grpc/grpc-js';
import { equalBytes, fromBase64, NetfoldError, type Random } from '#kernel';
import { type AgentMessage, decodeAgentMessage, decodeHelloClaim, encodeServerMessage, type SignedClaim } from '#wire';
import { verifyClaim } from '../auth/claims.js';
import { credible } from '../presence/credible.js';
import type { AgentStream } from '../stream/agent-stream.js';
import type { LiveStreams } from '../stream/live-streams.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { grpcFailure } from './grpc-failure.js';

type Call = ServerDuplexStream<Uint8Array, Uint8Array>;

const NONCE_BYTES = 32;
const HELLO_TIMEOUT_MS = 15_000;
const PING_EVERY_MS = 20_000;
/** An agent that has said nothing for so many pings is gone. */
const MAX_SILENT_PINGS = 3;

/** What a session needs of the program. */
export interface SessionPorts {
  readonly tailnets: Tailnets;
  readonly live: LiveStreams;
  readonly random: Random;
}

/** One call of `Stream`: challenge, hello, then the agent's messages until either side ends it. */
export class StreamSession {
  readonly #nonce: Uint8Array;
  #joined: { readonly tailnet: Tailnet; readonly stream: AgentStream } | undefined;
  #silentPings = 0;
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
    call.write(encodeServerMessage({ kind: 'challenge', nonce: this.#nonce }));
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
      this.#hello(message.hello);
      return;
    }
    if (!this.#joined) throw outOfOrder(`${message.kind} came before hello`);
    const { tailnet, stream } = this.#joined;
    if (message.kind === 'ack') stream.acknowledge(message);
    else if (message.kind === 'presence') tailnet.hub.report(stream, credible(message.report));
    else if (message.kind === 'letter') tailnet.letters.carry(stream.nodeId, message.letter);
  }

  #hello(signed: SignedClaim): void {
    if (this.#joined) throw outOfOrder('hello came twice');
    const hello = decodeHelloClaim(signed.claim);
    const { tailnet, node } = this.ports.tailnets.ofNode(hello.nodeId);
    verifyClaim('hello', fromBase64(node.machineKey) ?? new Uint8Array(), signed);
    if (!equalBytes(hello.nonce, this.#nonce)) throw otherNonce();
    clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#ping(), PING_EVERY_MS);
    const sink = {
      send: (bytes: Uint8Array, sent: () => void) => {
        this.call.write(bytes, (error: unknown) => {
          if (!error) sent();
        });
      },
      end: () => this.#end(),
    };
    this.#joined = { tailnet, stream: this.ports.live.open(tailnet, hello, sink) };
  }

  #ping(): void {
    if (this.#silentPings >= MAX_SILENT_PINGS) this.#fail(silent());
    else this.#joined?.stream.ping(++this.#silentPings);
  }

  #fail(error: unknown): void {
    this.call.emit('error', grpcFailure(error));
  }

  #end(): void {
    this.#left();
    this.call.end();
  }

  #left(): void {
    clearTimeout(this.#timer);
    if (!this.#joined) return;
    const { tailnet, stream } = this.#joined;
    this.#joined = undefined;
    this.ports.live.closed(tailnet, stream);
  }
}

const outOfOrder = (message: string): NetfoldError => new NetfoldError({ code: 'wire.out_of_order', message });

const otherNonce = (): NetfoldError =>
  new NetfoldError({
    code: 'auth.bad_nonce',
    message: 'the hello does not answer the challenge of this stream',
    hint: 'sign the nonce that the stream began with',
  });

const helloTimeout = (): NetfoldError =>
  new NetfoldError({ code: 'wire.no_hello', message: `no hello came within ${HELLO_TIMEOUT_MS / 1000} s` });

const silent = (): NetfoldError =>
  new NetfoldError({ code: 'wire.silent', message: 'the agent has not answered for a minute' });
