import type { Logger } from 'pino';
import type { Clock } from '#kernel';
import type { Bus } from '#messaging';
import type { EventVersions } from '#tailnet';
import type { LogLevel } from '../observability/logging/create-logger.js';
import type { TraceTarget } from '../observability/tracing/open-tracer.js';

/** Where to listen; port 0 takes any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How a control plane runs. */
export interface ControlOptions {
  /** Holds the ledger and the server's secret; made on the first start. */
  readonly stateDir: string;
  /**
   * Where the ledger is when it is not in `stateDir`: another file, or a KurrentDB (`kurrentdb://HOST`). The secrets stay
   * in `stateDir`.
   */
  readonly store?: string;
  /** The brokers over which several replicas hear of each other; see `readKafkaOption`. By default there is one replica. */
  readonly kafka?: string;
  /** In place of that, for replicas in one process. It is not closed. */
  readonly bus?: Bus;
  /** The secret that all replicas share, instead of the one in `stateDir`. */
  readonly secretFile?: string;
  /** Where agents connect to this replica, such as `https://r1.example.com:50443`; agents of the others are told. */
  readonly agentsUrl?: string;
  /** How often a replica says that it is there, in milliseconds. */
  readonly beatMs?: number;
  /** How often a replica looks whether it still sees all that is stored, in milliseconds. */
  readonly watchMs?: number;
  /** What events may look like in a ledger; as this release has it, unless a test plays another. */
  readonly versions?: EventVersions;
  /** Ends the wait for a store that cannot be reached. */
  readonly interrupted?: AbortSignal;
  /** For people and programs. */
  readonly http?: ListenAddress;
  /** For agents. */
  readonly grpc?: ListenAddress;
  /** Paths of PEM files; needed wherever others than this machine can connect. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Where people reach this server, such as `https://netfold.example.com`; by default where it listens. */
  readonly url?: string;
  /** A file that says whom people may sign in with; see `readIssuers`. */
  readonly oidcFile?: string;
  /** What the first start creates. */
  readonly tailnet?: { readonly name?: string; readonly ownerLogin?: string };
  /** How long an ephemeral node may be offline before it is removed, in milliseconds. */
  readonly ephemeralTimeout?: number;
  /** Where metrics are served; by default nowhere. If it may fail, the server starts also when that is taken. */
  readonly metrics?: ListenAddress & { readonly mayFail?: boolean };
  /** Where traces are sent; by default nowhere. */
  readonly traces?: TraceTarget;
  readonly logLevel?: LogLevel;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export const DEFAULT_HTTP: ListenAddress = { host: '127.0.0.1', port: 8080 };
export const DEFAULT_GRPC: ListenAddress = { host: '127.0.0.1', port: 50443 };
export const DEFAULT_EPHEMERAL_TIMEOUT = 10 * 60_000;
