import type { Tun } from '#host';
import type { Problem } from '#kernel';
import type { HostOperation } from './apply-operation.js';

/** Where packets of this machine come from and go to, and the settings of the machine that lead them there. */
export interface HostPort {
  readonly tun: Tun;
  /** Why packets can no longer come or go, if that is so. */
  readonly problem?: Problem | undefined;
  /**
   * Operations are carried out one after the other.
   * @throws NetfoldError when the system refuses
   */
  apply(operation: HostOperation): Promise<void>;
  /** Undoes everything. */
  close(): Promise<void>;
}
