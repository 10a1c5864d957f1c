import type { Logger } from 'pino';
import type { Problem } from '#kernel';
import type { ServerSecret } from '../auth/server-secret.js';
import type { ControlOptions } from '../config/control-options.js';
import type { ServerStatus } from '../config/server-status.js';
import type { SystemClock } from '../config/system-clock.js';
import type { TlsFiles } from '../config/tls-files.js';
import type { Stops } from './stops.js';

/** What every step of a start is given. */
export interface Setting {
  readonly options: ControlOptions;
  readonly tls: TlsFiles | undefined;
  readonly secrets: ServerSecret;
  readonly clock: SystemClock;
  readonly logger: Logger;
  readonly status: ServerStatus;
  /** Where people reach this server, without a trailing slash; known for good once it listens. */
  readonly url: () => string;
  /** Told of what can only be a fault of this program. */
  readonly fault: (problem: Problem) => void;
  readonly stops: Stops;
}
