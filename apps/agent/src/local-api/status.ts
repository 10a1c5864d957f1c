import type { DataPathFeatures } from '#dataplane';

/** What the node is doing; the names follow `tailscale status --json`, so that scripts carry over. */
export type BackendState =
  /** Never joined a tailnet, or logged out. */
  | 'NeedsLogin'
  /** Joined, and waiting for an admin's approval. */
  | 'NeedsMachineAuth'
  /** Joined, and told to be down. */
  | 'Stopped'
  /** Up, but without any netmap yet. */
  | 'Starting'
  | 'Running';

/** The answer to `GET /status`. Times are RFC 3339; lists are empty rather than absent. */
export interface Status {
  readonly Version: string;
  readonly BackendState: BackendState;
  /** Whether packets go through an interface of the host; false with userspace networking. */
  readonly TUN: boolean;
  /** How packets are carried; absent while the node is down. */
  readonly DataPath?: DataPathFeatures | undefined;
  /** Where packets are not carried in the best of ways, in sentences. */
  readonly Fallbacks: readonly string[];
  /** What `wg` can see and set of the interface; absent without one. */
  readonly Uapi?: UapiStatus | undefined;
  readonly ControlURL?: string | undefined;
  readonly Control: ControlStatus;
  readonly Ledger: LedgerStatus;
  /** What a person should look at, in sentences. */
  readonly Health: readonly string[];
  readonly MagicDNSSuffix?: string | undefined;
  /** Absent while this machine finds names by itself. */
  readonly DNS?: DnsStatus | undefined;
  readonly Self?: SelfStatus | undefined;
  /** By public key. */
  readonly Peer: Readonly<Record<string, PeerStatus>>;
}

/** How this machine finds names as the tailnet says. */
export interface DnsStatus {
  /** Who sends this machine's questions to the agent: `systemd-resolved`, `resolvconf` or `resolv.conf`. */
  readonly Via: string;
  /** Who is asked about names that are not the tailnet's. */
  readonly Nameservers: readonly string[];
}

/** The userspace API of WireGuard. */
export interface UapiStatus {
  /** Where `wg` asks; absent when something stands in the way. */
  readonly Socket?: string | undefined;
  /** How many peers somebody has added with `wg`, which no netmap knows. */
  readonly PeersByHand: number;
}

/** How far the link to the control plane is. */
export interface ControlStatus {
  readonly Connected: boolean;
  readonly Revision?: number | undefined;
  readonly Digest?: string | undefined;
  /** Why the last attempt failed. */
  readonly Problem?: string | undefined;
}

/** The ledger that this machine was shown, each time with the proof that it only grew. */
export interface LedgerStatus {
  /** The key that it must be signed with (c2sp.org/signed-note). */
  readonly Key?: string | undefined;
  /** The number of its events. */
  readonly Size?: number | undefined;
  /** The root of the Merkle tree over them, in base64. */
  readonly Root?: string | undefined;
  /** The server has shown another history: until a person has taken note. */
  readonly Alarm?: LedgerAlarmStatus | undefined;
}

export interface LedgerAlarmStatus {
  readonly Code: string;
  readonly Message: string;
  readonly Hint: string;
  readonly Since: string;
  /** Since when the server shows the true ledger again; until then, the last good netmap stays in force. */
  readonly Over?: string | undefined;
}

export interface NodeStatus {
  readonly ID: string;
  /** `nodekey:` and 64 hexadecimal digits. */
  readonly PublicKey: string;
  readonly HostName: string;
  readonly DNSName: string;
  readonly OS: string;
  /** The login name of the owner; absent for tagged nodes. */
  readonly User?: string | undefined;
  readonly Tags: readonly string[];
  /** The groups of its owner that the policy speaks of, as far as this machine is told: `group:ops`. */
  readonly Groups: readonly string[];
  readonly IPs: readonly string[];
  /** UDP endpoints, best first. */
  readonly Addrs: readonly string[];
  readonly Online: boolean;
  /** Whether it offers to route everything to the internet, and an admin approved. */
  readonly ExitNodeOption: boolean;
}

export interface SelfStatus extends NodeStatus {
  /** What this node offers to route, be it approved or not. */
  readonly AdvertisedRoutes: readonly string[];
  /** The part of them that an admin approved. */
  readonly PrimaryRoutes: readonly string[];
  /** `discokey:` and 64 hexadecimal digits: what peers are to know it by when they look for a path to it. */
  readonly DiscoKey: string;
  readonly KeyExpiry?: string | undefined;
  /** Whether its key has expired: it must log in again. */
  readonly Expired: boolean;
  /** The name that it asked for and did not get, since another node had it. */
  readonly NameTaken?: string | undefined;
}

/** The pre-shared key of the tunnel to a peer, never the key itself. */
export interface PresharedKeyStatus {
  /**
   * `active`: it was agreed on, with ML-KEM-768. `agreeing`: the tunnel goes without one until it is. `none`: there was
   * no need for one yet. `by-hand`: somebody has set it. `peer-too-old`: the peer cannot agree on one.
   */
  readonly State: 'active' | 'agreeing' | 'none' | 'by-hand' | 'peer-too-old';
  /** When it was agreed on. */
  readonly Since?: string | undefined;
  /** Whether the present session was made with one; absent without a session. */
  readonly InUse?: boolean | undefined;
  readonly Problem?: string | undefined;
}

export interface PeerStatus extends NodeStatus {
  /** The subnets that it routes, approved. */
  readonly PrimaryRoutes: readonly string[];
  /** What the engine sends to it: its addresses, and its routes when this node accepts them. */
  readonly AllowedIPs: readonly string[];
  /** Where packets to it go now; empty before the first handshake, and when a relay carries them. */
  readonly CurAddr: string;
  /** Who carries packets to it, when that is not the network between the two alone. */
  readonly Relay?: string | undefined;
  /** Whether this machine sends its traffic to the internet through it. */
  readonly ExitNode: boolean;
  readonly LastHandshake?: string | undefined;
  readonly LastSeen?: string | undefined;
  readonly RxBytes: number;
  readonly TxBytes: number;
  readonly PresharedKey: PresharedKeyStatus;
  /** Whether packets were exchanged within the last minutes. */
  readonly Active: boolean;
}
