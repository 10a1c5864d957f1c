/** The answer to `GET /netcheck`: what was measured just now, and nothing that was not. Times are RFC 3339, spans milliseconds. */
export interface NetcheckReport {
  readonly When: string;
  readonly UDP: UdpReport;
  readonly IPv4: WayOut;
  readonly IPv6: WayOut;
  /** Where peers may try to reach this machine, best first; empty while it is down. */
  readonly Endpoints: readonly string[];
  readonly Tunnel: TunnelReport;
  readonly Control: ControlReport;
  readonly DNS: DnsReport;
  /** What a person should look at, in sentences. */
  readonly Problems: readonly string[];
}

/** Peers that answered are the only proof that UDP gets through. */
export interface UdpReport {
  /** Where the engine listens; absent while it is down. */
  readonly Port?: number | undefined;
  /** Absent when no peer was called on yet. */
  readonly Works?: boolean | undefined;
  /** How many peers this machine has sent anything to, and how many of them answered over UDP. */
  readonly PeersTried: number;
  readonly PeersHeard: number;
  readonly LastHeard?: string | undefined;
}

/** Where packets to the internet would leave, as the kernel's routes say; no packet is sent for it. */
export interface WayOut {
  /** The address that they would come from; absent when there is no way. */
  readonly Source?: string | undefined;
  readonly Interface?: string | undefined;
  /** Bytes. */
  readonly MTU?: number | undefined;
  /** Why there is no way. */
  readonly Problem?: string | undefined;
}

export interface TunnelReport {
  /** Absent with userspace networking, and while this machine is down. */
  readonly Interface?: string | undefined;
  /** Bytes. */
  readonly MTU?: number | undefined;
}

export interface ControlReport {
  readonly URL?: string | undefined;
  readonly Reachable: boolean;
  readonly Problem?: string | undefined;
  readonly Version?: string | undefined;
  /** The first answer, with all that comes before it: name, connection, TLS. */
  readonly FirstAnswer?: number | undefined;
  /** An answer on a connection that is open. */
  readonly Latency?: number | undefined;
  /** How far the server's clock is ahead of this machine's, give or take `ClockError`. */
  readonly ClockOffset?: number | undefined;
  readonly ClockError?: number | undefined;
  /** Where agents connect, and how long it takes; `AgentsProblem` when it does not work. */
  readonly AgentsURL?: string | undefined;
  readonly AgentsConnect?: number | undefined;
  readonly AgentsProblem?: string | undefined;
  /** Whether the netmap is followed right now. */
  readonly Connected: boolean;
}

export interface DnsReport {
  /** Who sends this machine's questions to the agent; absent when they do not come to it. */
  readonly Via?: string | undefined;
  /** Who is asked about names that are not the tailnet's. */
  readonly Nameservers: readonly string[];
}
