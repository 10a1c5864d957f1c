import type { Prefix } from '#net';
import type { Path } from '../path.js';

/** What can be changed of a peer; what is absent stays as it is. */
export interface PeerChanges<P extends Path = Path> {
  /** 32 bytes mixed into every handshake that the peer begins, and tried first in those begun here; 32 zeros for none. */
  readonly presharedKey?: Uint8Array;
  /**
   * Others that the peer may have mixed into its answers, tried in this order: the next one while only one side surely
   * has it, and those before it. Of both sides the one that answers chooses, so this is all it takes to replace one.
   */
  readonly alsoAccepted?: readonly Uint8Array[];
  /** The whole list; each prefix is taken from the peer that had it. */
  readonly allowedIps?: readonly Prefix[];
  readonly path?: P;
  /** Seconds between keepalives that are sent in any case; 0 for none. */
  readonly persistentKeepalive?: number;
  /** Whether the path follows the peer to where its authenticated messages come from; true unless said otherwise. */
  readonly roaming?: boolean;
}

export interface PeerConfig<P extends Path = Path> extends PeerChanges<P> {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** What the outside calls the peer; the base64 of its first public key when absent. */
  readonly label?: string;
  readonly allowedIps: readonly Prefix[];
}
