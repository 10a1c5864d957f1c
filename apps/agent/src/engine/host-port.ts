import { EXIT_MARK, type ResolveName, type Tun } from '#host';
import type { Problem } from '#kernel';
import type { EngineState } from '#plan';

/** What is asked of the machine beside what the netmap says. */
export interface HostChoices {
  /** Whether hosts behind this one see its address in place of the sender's, and so need no route back. */
  readonly sourceNat: boolean;
  /** With an exit node: whether the machine's own networks stay in reach. */
  readonly lan: boolean;
  /** Of packets that must not go into the tunnel. */
  readonly mark: number;
}

export const DEFAULT_HOST_CHOICES: HostChoices = { sourceNat: true, lan: false, mark: EXIT_MARK };

/** What an engine's state asks of the machine around it. */
export interface HostSettings extends HostChoices, Pick<EngineState, 'addresses' | 'routes' | 'served'> {}

/** The settings of this machine that lead packets to the tunnel. */
export interface HostPort {
  /**
   * Makes the machine what the settings say. Calls follow one another.
   * @throws NetfoldError when the system refuses
   */
  configure(settings: HostSettings): Promise<void>;
  /** Has it told when the machine may no longer be what the settings said, since somebody else changes it too. */
  watch?(changed: () => void): void;
  /** Why packets can no longer come or go, if that is so. */
  readonly problem?: Problem | undefined;
  /** The network interface of this machine; undefined with userspace networking. */
  readonly interfaceName?: string;
  /** What looks up the names of the tailnet, for programs of this machine that ask the host to. */
  setResolver?(resolve: ResolveName): void;
  /** Has `close` leave what holds packets back for an exit node: another port follows. */
  handOver?(): void;
  /** Undoes everything. */
  close(): Promise<void>;
}

/** Where packets of this machine come from and go to, too. */
export interface PacketHost extends HostPort {
  readonly tun: Tun;
}
