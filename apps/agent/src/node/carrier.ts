import type { DataPath } from '#dataplane';
import type { Problem } from '#kernel';
import type { HostPort } from '../engine/host-port.js';

/** A way for packets, and the machine around it. */
export interface Carrier {
  readonly path: DataPath;
  readonly host: HostPort;
  /** Why no thread of its own carries packets, where one was to. */
  readonly threadProblem?: Problem | undefined;
  /** Undoes everything. */
  close(): Promise<void>;
}
