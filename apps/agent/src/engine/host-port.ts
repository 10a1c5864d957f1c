import type { ResolveName, Tun } from '#host';
import type { Problem } from '#kernel';
import type { EngineState } from '#plan';

/** What an engine's state asks of the machine around it. */
export type HostSettings = Pick<EngineState, 'addresses' | 'routes' | 'served'>;

/** The settings of this machine that lead packets to the tunnel. */
export interface HostPort {
  /**
   * Makes the machine what the settings say. Calls follow one another.
   * @returns what keeps it from having its effect though nothing failed
   * @throws NetfoldError when the system refuses
   */
  configure(settings: HostSettings): Promise<readonly Problem[]>;
  /** Why packets can no longer come or go, if that is so. */
  readonly problem?: Problem | undefined;
  /** The network interface of this machine; undefined with userspace networking. */
  readonly interfaceName?: string;
  /** What looks up the names of the tailnet, for programs of this machine that ask the host to. */
  setResolver?(resolve: ResolveName): void;
  /** Undoes everything. */
  close(): Promise<void>;
}

/** Where packets of this machine come from and go to, too. */
export interface PacketHost extends HostPort {
  readonly tun: Tun;
}
