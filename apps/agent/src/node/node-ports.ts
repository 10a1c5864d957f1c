import type { Crypto, CryptoOutcome } from '#crypto';
import type { StateDirectory, SystemResolver, UdpSocket } from '#host';
import type { Clock, Problem, Random } from '#kernel';
import type { AgentClient } from '#wire';
import type { LanAddress } from '../endpoints.js';
import type { PacketHost } from '../engine/host-port.js';
import type { Pause } from '../link/control-link.js';
import type { Preferences } from '../state/preferences.js';
import type { Carrier } from './carrier.js';

/** What a node is made of and tests replace. */
export interface NodePorts {
  readonly crypto: Crypto;
  /** How it was chosen, to be shown. */
  readonly cryptos?: readonly CryptoOutcome[];
  readonly random: Random;
  readonly wallClock: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  readonly pause: Pause;
  readonly directory: StateDirectory;
  readonly os: string;
  /** The machine's own name. */
  readonly hostname: string;
  readonly version: string;
  readonly log: (line: string) => void;
  /** Whether the control plane is told of this node’s flows; by default it is not. */
  readonly flowLogs?: boolean;
  /**
   * The fast way for packets, which has port and interface of its own.
   * @returns what keeps it from running here; undefined where it is not wanted
   */
  openFastCarrier?(preferences: Preferences, agentUrl: string): Promise<Carrier | Problem | undefined>;
  /** On the port of the last time; on another one when it is taken. */
  openUdp(preferences: Pick<Preferences, 'udpPort' | 'userspace'>): Promise<UdpSocket>;
  openHost(preferences: Preferences, agentUrl: string): Promise<PacketHost>;
  /** How this machine finds names, and what a crash has left of our part in it taken back. */
  openResolver(interfaceName: string): Promise<SystemResolver>;
  /** @returns the URL for `connect` */
  discover(serverUrl: string): Promise<string>;
  connect(agentUrl: string): Pick<AgentClient, 'stream' | 'command' | 'beginLogin' | 'register' | 'close'>;
  /** Takes back what a crash has left of this agent's part in the machine, such as what holds packets back. */
  cleanUp?(preferences: Preferences): Promise<void>;
  /** The networks that this machine is in. */
  lan(): readonly LanAddress[];
  /** This node's UDP endpoints, best first. */
  endpoints(port: number, agentUrl: string): readonly string[];
}
