import type { DataPath } from '#dataplane';
import type { HostPort } from '../engine/host-port.js';

/** A way for packets, and the machine around it. */
export interface Carrier {
  readonly path: DataPath;
  readonly host: HostPort;
  /** Undoes everything. */
  close(): Promise<void>;
}
