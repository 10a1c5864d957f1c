import type { Tun } from '#host';
import type { Problem } from '#kernel';
import type { EngineState } from '#plan';

/** What an engine's state asks of the machine around it. */
export type HostSettings = Pick<EngineState, 'addresses' | 'routes' | 'served'>;

/** Where packets of this machine come from and go to, and the settings of the machine that lead them there. */
export interface HostPort {
  readonly tun: Tun;
  /**
   * Makes the machine what the settings say. Calls follow one another.
   * @returns what keeps it from having its effect though nothing failed
   * @throws NetfoldError when the system refuses
   */
  configure(settings: HostSettings): Promise<readonly Problem[]>;
  /** Why packets can no longer come or go, if that is so. */
  readonly problem?: Problem | undefined;
  /** Undoes everything. */
  close(): Promise<void>;
}
