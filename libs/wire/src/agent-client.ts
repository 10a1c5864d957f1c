import { type ChannelCredentials, Client, type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import { NetfoldError, type Problem } from '#kernel';
import { encodeAgentMessage } from './agent-message.js';
import { agentService, PROBLEM_TRAILER } from './agent-service.js';
import {
  type CommandClaim,
  claimBytesToSign,
  encodeCommandClaim,
  encodeHelloClaim,
  encodeRegisterClaim,
  type HelloClaim,
  type RegisterClaim,
  type SignedClaim,
} from './claims.js';
import type { AgentMessage, LoginBegun, Registration, ServerMessage } from './messages.js';
import { decodeProblem } from './problem.js';
import { decodeServerMessage } from './server-message.js';
import {
  decodeChallenge,
  decodeCommandDone,
  decodeLoginBegun,
  decodeRegistration,
  encodeSignedClaim,
} from './unary.js';

/** The Ed25519 signature of these bytes by the machine key. */
export type SignWithMachineKey = (bytes: Uint8Array) => Uint8Array;

/** One open stream. */
export interface AgentCall {
  /** The server's messages in order; ends when the stream does, and throws the `NetfoldError` that it failed with. */
  readonly messages: AsyncIterable<ServerMessage>;
  send(message: AgentMessage): void;
  /** Resolves when all that was sent is on its way; perhaps never, where the server takes nothing. */
  flushed(): Promise<void>;
  /** Ends the stream without waiting for the server; what is not on its way yet is lost. */
  close(): void;
}

type SignedCall = 'beginLogin' | 'register' | 'command';

const DEADLINE_MS = 10_000;

/**
 * An agent's side of `netfold.v1.AgentService`: one connection, on which calls may be repeated after failures.
 * Every failure is a `NetfoldError`: the server's own problem, or `control.unreachable`, or `wire.malformed`.
 */
export class AgentClient {
  readonly #client: Client;

  /**
   * @param address `host:port`
   * @param options of the grpc-js channel
   */
  constructor(
    address: string,
    credentials: ChannelCredentials,
    options: Readonly<Record<string, string | number>> = {},
  ) {
    this.#client = new Client(address, credentials, {
      // A snapshot of a large tailnet has some megabytes.
      'grpc.max_receive_message_length': 64 << 20,
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 5_000,
      // Callers pause between attempts on their own; a channel that paused as well would miss the server's return.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 100,
      ...options,
    });
  }

  /** Has a person asked whether this machine may join; `register` with the ticket waits for the answer. */
  async beginLogin(claim: Omit<RegisterClaim, 'nonce'>, sign: SignWithMachineKey): Promise<LoginBegun> {
    const bytes = encodeRegisterClaim({ ...claim, nonce: await this.challenge() });
    return decodeLoginBegun(await this.#signedCall('beginLogin', bytes, sign));
  }

  /** Fetches a nonce, signs the claim with it, and joins. */
  async register(claim: Omit<RegisterClaim, 'nonce'>, sign: SignWithMachineKey): Promise<Registration> {
    const bytes = encodeRegisterClaim({ ...claim, nonce: await this.challenge() });
    return decodeRegistration(await this.#signedCall('register', bytes, sign));
  }

  /** Fetches a nonce, signs the claim with it, and gives the revision of the ledger after the command. */
  async command(claim: Omit<CommandClaim, 'nonce'>, sign: SignWithMachineKey): Promise<number> {
    const bytes = encodeCommandClaim({ ...claim, nonce: await this.challenge() });
    return decodeCommandDone(await this.#signedCall('command', bytes, sign));
  }

  /** A nonce for one claim. */
  async challenge(): Promise<Uint8Array> {
    return decodeChallenge(await this.#call('challenge', new Uint8Array()));
  }

  /** Opens a stream. Answer its `challenge` with a `hello` (see `signHello`). */
  stream(): AgentCall {
    const { path, requestSerialize, responseDeserialize } = agentService.stream;
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    let written: Promise<void> = Promise.resolve();
    return {
      messages: messagesOf(call),
      send: (message) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        written = promise;
        call.write(encodeAgentMessage(message), () => resolve());
      },
      flushed: () => written,
      close: () => call.cancel(),
    };
  }

  close(): void {
    this.#client.close();
  }

  #signedCall(name: SignedCall, claim: Uint8Array, sign: SignWithMachineKey): Promise<Uint8Array> {
    return this.#call(name, encodeSignedClaim({ claim, signature: sign(claimBytesToSign(name, claim)) }));
  }

  #call(name: 'challenge' | SignedCall, request: Uint8Array): Promise<Uint8Array> {
    const { path, requestSerialize, responseDeserialize } = agentService[name];
    const options = { deadline: Date.now() + DEADLINE_MS };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        options,
        (error, response) => {
          if (error) reject(callFailure(error));
          else resolve(response ?? new Uint8Array());
        },
      );
    });
  }
}

/** The `hello` that answers a stream's challenge. */
export function signHello(claim: HelloClaim, sign: SignWithMachineKey): SignedClaim {
  const bytes = encodeHelloClaim(claim);
  return { claim: bytes, signature: sign(claimBytesToSign('hello', bytes)) };
}

async function* messagesOf(call: ClientDuplexStream<Uint8Array, Uint8Array>): AsyncGenerator<ServerMessage> {
  try {
    for await (const bytes of call) yield decodeServerMessage(bytes);
  } catch (error) {
    if (error instanceof NetfoldError) throw error;
    if (isServiceError(error) && error.code === status.CANCELLED) return;
    throw isServiceError(error) ? callFailure(error) : error;
  } finally {
    call.cancel();
  }
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && 'metadata' in error;

/** `No connection established. Last error: Error: connect ECONNREFUSED … Resolution note: ` without what frames it. */
const inShort = (details: string): string =>
  /Last error: (?:Error: )?(.+?)\.? *Resolution note:/s.exec(details)?.[1] ?? details;

/** What a failed call means: the server's own problem when it sent one. */
function callFailure(error: ServiceError): NetfoldError {
  const [trailer] = error.metadata?.get(PROBLEM_TRAILER) ?? [];
  const problem: Problem = Buffer.isBuffer(trailer)
    ? decodeProblem(trailer)
    : {
        code: error.code === status.UNIMPLEMENTED ? 'control.other_protocol' : 'control.unreachable',
        message: `the control plane did not answer: ${inShort(error.details || error.message)}`,
        hint: 'check that the server runs, and its address, port and certificate',
      };
  return new NetfoldError(problem, { cause: error });
}
