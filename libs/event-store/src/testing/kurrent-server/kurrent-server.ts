import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import {
  type KeyCertPair,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import type { sendUnaryData } from '@grpc/grpc-js/build/src/server-call.js';
import { diskFull, Faults, MAX_APPEND_BYTES, notLeader, tooLarge, unauthenticated } from './faults.js';
import { Gate } from './gate.js';
import { KurrentLog, type Outcome } from './kurrent-log.js';
import type { LogRecord, Proposed } from './log-record.js';
import {
  type AppendAnswer,
  type AppendRequest,
  type AppendTarget,
  appended,
  type ClusterAnswer,
  caughtUp,
  checkpoint,
  clusterInfo,
  confirmation,
  encodeAnswer,
  proposedIn,
  type ReadAnswer,
  type ReadRequest,
  streamNotFound,
  targetIn,
  wrongVersion,
} from './messages.js';
import { planOf, type ReadPlan } from './read-plan.js';

export interface ServerSetup {
  readonly tls?: KeyCertPair;
  /** `Basic …`, without which nothing is answered. */
  readonly authorization?: string;
}

/** Records that are brought once more; see `Faults.stutters`. */
const STUTTER = 3;

type AppendCall = ServerReadableStream<AppendRequest, AppendAnswer>;
type ReadCall = ServerWritableStream<ReadRequest, ReadAnswer | LogRecord>;

const STREAMS = { ...StreamsService, read: { ...StreamsService.read, responseSerialize: encodeAnswer } };

/**
 * A server that speaks the streams service of EventStoreDB and KurrentDB over gRPC, on a log in memory, as far as the
 * adapter uses it; and that fails, stalls, cuts and lies when it is told to.
 */
export class KurrentServer {
  readonly faults = new Faults();
  readonly #gate = new Gate();
  #server: Server | undefined;
  #ending = new AbortController();
  /** The reads and subscriptions that were answered since the start. */
  reads = 0;
  /** The subscriptions that were opened since the start. */
  subscriptions = 0;
  /** Those of them that are open. */
  following = 0;

  private constructor(
    readonly log: KurrentLog,
    private readonly setup: ServerSetup,
  ) {}

  static async start(setup: ServerSetup = {}, log = new KurrentLog()): Promise<KurrentServer> {
    const server = new KurrentServer(log, setup);
    await server.#gate.open();
    await server.up();
    return server;
  }

  get port(): number {
    return this.#gate.port;
  }

  /** The URL of its ledger. */
  get url(): string {
    return `kurrentdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Starts to serve what the log holds, at the same port as before. */
  async up(): Promise<void> {
    const { tls } = this.setup;
    const server = new Server();
    server.addService(STREAMS, {
      // Whoever sends may go away in the middle of it.
      append: (call: AppendCall, callback: sendUnaryData<AppendAnswer>) => {
        this.#append(call, callback).catch(() => {});
      },
      read: (call: ReadCall) => void this.#read(call),
    });
    server.addService(GossipService, {
      read: (_call: unknown, callback: sendUnaryData<ClusterAnswer>) => {
        if (!this.faults.silent) callback(null, clusterInfo(this.faults.members));
      },
    });
    const credentials = tls ? ServerCredentials.createSsl(null, [tls]) : ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    this.#server = server;
    this.#ending = new AbortController();
    this.#gate.lead(port);
  }

  /** Stops to serve; the log stays. */
  async down(): Promise<void> {
    this.#gate.lead(undefined);
    this.#gate.cut();
    this.#ending.abort();
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  /** Breaks all connections. */
  cut(): void {
    this.#gate.cut();
  }

  async stop(): Promise<void> {
    await this.down();
    await this.#gate.close();
  }

  async #append(call: AppendCall, callback: sendUnaryData<AppendAnswer>): Promise<void> {
    let target: AppendTarget | undefined;
    const events: Proposed[] = [];
    call.on('error', () => {});
    try {
      for await (const message of call) {
        target ??= targetIn(message);
        const event = proposedIn(message);
        if (event) events.push(event);
        if (event && this.faults.appends[0] === 'cut amid' && this.faults.appends.shift()) this.cut();
      }
    } catch {
      return; // broken off before all of it was here
    }
    await nextTurn(); // a call that its client gives up ends like one that is whole, and is cancelled a moment later
    if (call.cancelled) return;
    const refusal = this.#refusal(call);
    const size = events.reduce((sum, { data, custom }) => sum + data.length + custom.length, 0);
    if (refusal) callback(refusal);
    else if (size > MAX_APPEND_BYTES) callback(tooLarge());
    else if (target && !this.faults.silent) this.#answer(target, events, callback);
  }

  #answer(target: AppendTarget, events: readonly Proposed[], callback: sendUnaryData<AppendAnswer>): void {
    const { appends, registers } = this.faults;
    const planned = isLedgerStream(target.stream) ? appends : isRegister(target.stream) ? registers : [];
    const fault = this.#isRefused(target) ? 'none' : (planned.shift() ?? 'none');
    const stores = fault === 'none' || fault === 'repeat' || fault.endsWith('after');
    const outcome: Outcome = stores
      ? this.log.append(target.stream, target.expected, events)
      : pretended(target, events, this.log);
    if (fault === 'repeat') this.log.append(target.stream, 'any', events);
    if (fault.startsWith('cut')) this.cut();
    else if (fault === 'disk full') callback(diskFull());
    else if (fault === 'not leader') callback(notLeader(this.port));
    else if (fault === 'wrong revision') callback(null, wrongVersion(target.expected, 99));
    else if (fault.startsWith('stall')) return;
    else if (outcome.kind === 'stored') callback(null, appended(outcome.last));
    else callback(null, wrongVersion(target.expected, outcome.current));
  }

  /** What others have overtaken is refused anyway: what goes wrong, goes wrong with the next one. */
  #isRefused({ stream, expected }: AppendTarget): boolean {
    return typeof expected === 'number' && expected !== this.log.stream(stream).length - 1;
  }

  async #read(call: ReadCall): Promise<void> {
    const ended = new AbortController();
    call.on('cancelled', () => ended.abort());
    call.on('error', () => ended.abort());
    const refusal = this.#refusal(call);
    if (refusal) {
      call.emit('error', refusal);
      return;
    }
    if (this.faults.silent) return;
    this.reads += 1;
    const plan = planOf(this.log, call.request);
    if (plan.stream !== undefined && !plan.follow && this.log.stream(plan.stream).length === 0) {
      call.write(streamNotFound(plan.stream));
    }
    if (plan.follow) {
      this.subscriptions += 1;
      call.write(confirmation(randomUUID()));
    }
    let seen = this.log.records.length;
    await this.#send(call, plan.now, ended.signal);
    const signal = AbortSignal.any([ended.signal, this.#ending.signal]);
    if (plan.follow) {
      this.following += 1;
      this.#checkpoint(call, plan);
      call.write(caughtUp());
    }
    while (plan.follow && !signal.aborted) {
      if (seen === this.log.records.length) await this.log.grown(signal);
      await this.faults.feeds;
      const fresh = this.log.records.slice(this.faults.stutters ? Math.max(0, seen - STUTTER) : seen);
      seen = this.log.records.length;
      await this.#send(call, fresh.filter(plan.wants), signal);
      this.#checkpoint(call, plan);
    }
    if (plan.follow) this.following -= 1;
    if (!ended.signal.aborted) call.end();
  }

  /** Says how far a filter has come; a KurrentDB does now and then. */
  #checkpoint(call: ReadCall, { filtered }: ReadPlan): void {
    const last = this.log.records.at(-1);
    if (filtered && last && !call.cancelled) call.write(checkpoint(last.position));
  }

  async #send(call: ReadCall, records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    for (const record of this.faults.arrange(records)) {
      const shown = this.faults.show(record);
      if (signal.aborted) return;
      if (!shown || call.write(shown)) continue;
      await once(call, 'drain', { signal }).catch(() => {});
    }
  }

  #refusal(call: Pick<AppendCall, 'metadata'>) {
    const { authorization } = this.setup;
    if (authorization !== undefined && call.metadata.get('authorization')[0] !== authorization)
      return unauthenticated();
    const { leader, locked } = this.faults;
    if (locked) return unauthenticated();
    if (leader !== undefined && call.metadata.get('requires-leader')[0] === 'true') return notLeader(leader);
    return undefined;
  }
}

/** As `netfold.tailnet-x`. */
const isLedgerStream = (stream: string): boolean => /^[a-z][a-z0-9_-]*\./.test(stream);

/** As `netfold:register:lease/x`. */
const isRegister = (stream: string): boolean => /^[a-z][a-z0-9_-]*:register:/.test(stream);

/** What would be answered if it were stored. */
function pretended({ expected }: AppendTarget, events: readonly Proposed[], log: KurrentLog): Outcome {
  const revision = (typeof expected === 'number' ? expected : -1) + events.length;
  return { kind: 'stored', last: { revision, position: (log.records.at(-1)?.position ?? 0) + 1_000 } };
}
