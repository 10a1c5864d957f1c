import {
  type handleUnaryCall,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { systemRandom } from '#host';
import { NetfoldError } from '#kernel';
import {
  agentService,
  decodeSignedClaim,
  encodeChallenge,
  encodeCommandDone,
  encodeLoginBegun,
  encodeRegistration,
} from '#wire';
import { Nonces } from '../auth/nonces.js';
import { Replicas } from '../cluster/replicas.js';
import { BeginLogin } from '../commands/begin-login.js';
import { ChangeOwnNode } from '../commands/change-own-node.js';
import { RegisterNode } from '../commands/register-node.js';
import type { ListenAddress } from '../config/control-options.js';
import type { TlsFiles } from '../config/tls-files.js';
import { FlowLog } from '../flows/flow-log.js';
import { Following } from '../ledger/following.js';
import { observedCall } from '../observability/grpc-observer.js';
import { Observability } from '../observability/observability.js';
import { LiveStreams } from '../stream/live-streams.js';
import { Tailnets } from '../tailnet/tailnets.js';
import { grpcFailure } from './grpc-failure.js';
import { StreamSession } from './stream-session.js';

// It would write to the terminal by itself; whatever fails here is answered or thrown.
setLogVerbosity(logVerbosity.NONE);

/** Agents say little; a claim is some hundred bytes. */
const MAX_MESSAGE_BYTES = 256 << 10;
/** How long calls may take to end by themselves when the server stops. */
const GRACE_MS = 1_000;

/** @param from the address that the call comes from */
type Handle = (request: Uint8Array, from: string) => Promise<Uint8Array>;

/** `netfold.v1.AgentService` on a port of its own. */
@Injectable()
export class AgentServer {
  readonly #server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // Snapshots of large tailnets have some megabytes.
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 20_000,
  });

  constructor(
    private readonly bus: CommandBus,
    tailnets: Tailnets,
    private readonly live: LiveStreams,
    private readonly nonces: Nonces,
    private readonly replicas: Replicas,
    following: Following,
    flows: FlowLog,
    observability: Observability,
  ) {
    const ports = { tailnets, live, replicas, following, flows, random: systemRandom };
    const unary = (method: string, handle: Handle) => answering(observedCall(observability, method, handle));
    this.#server.addService(agentService, {
      challenge: unary('Challenge', async () => encodeChallenge(this.nonces.issue())),
      beginLogin: unary('BeginLogin', async (request, from) =>
        encodeLoginBegun(await this.bus.execute(new BeginLogin(decodeSignedClaim(request), from))),
      ),
      register: unary('Register', async (request, from) =>
        encodeRegistration(await this.bus.execute(new RegisterNode(decodeSignedClaim(request), from))),
      ),
      command: unary('Command', async (request, from) =>
        encodeCommandDone(await this.bus.execute(new ChangeOwnNode(decodeSignedClaim(request), from))),
      ),
      stream: (call: ConstructorParameters<typeof StreamSession>[0]) => {
        new StreamSession(call, ports);
      },
    });
  }

  /** Begins to listen; answers the port. */
  listen({ host, port }: ListenAddress, tls: TlsFiles | undefined): Promise<number> {
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ cert_chain: tls.cert, private_key: tls.key }])
      : ServerCredentials.createInsecure();
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (error, bound) => {
        if (error) reject(cannotListen(address, error));
        else resolve(bound);
      });
    });
  }

  /** Sends all agents away and stops; what does not end by itself is cut off. */
  async close(): Promise<void> {
    await this.live.drain(this.replicas.servers);
    const ended = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const cut = setTimeout(() => this.#server.forceShutdown(), GRACE_MS);
    await ended;
    clearTimeout(cut);
  }
}

function answering(handle: Handle): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call: ServerUnaryCall<Uint8Array, Uint8Array>, callback) => {
    handle(call.request, call.getPeer()).then(
      (response) => callback(null, response),
      (error: unknown) => callback(grpcFailure(error)),
    );
  };
}

const cannotListen = (address: string, cause: Error): NetfoldError =>
  new NetfoldError(
    {
      code: 'control.cannot_listen',
      message: `the server cannot listen for agents at ${address}: ${cause.message}`,
      where: address,
      hint: 'choose another address or port, or stop the program that uses it',
    },
    { cause },
  );
