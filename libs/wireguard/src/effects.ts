import type { Path } from './path.js';
import type { Role } from './session/keypair.js';

/** A peer as the outside sees it. The object stays the same for as long as the peer does, through key rotations too. */
export interface PeerView<P extends Path = Path> {
  /** The name that the configuration gave it; it follows the peer when its key is replaced. */
  readonly label: string;
  /** The peer's public key of today. */
  readonly publicKey: Uint8Array;
  /** Where it is sent to; undefined until configured or learned. */
  readonly path: P | undefined;
}

export type EngineEvent<P extends Path = Path> =
  /** A session with the peer can carry packets both ways. `identity` is the public key that the peer knows us by. */
  | {
      readonly type: 'handshake_completed';
      readonly peer: PeerView<P>;
      readonly role: Role;
      readonly identity: Uint8Array;
    }
  /** Nothing answered for 90 s (REKEY_ATTEMPT_TIME); queued packets were dropped. */
  | { readonly type: 'handshake_failed'; readonly peer: PeerView<P> }
  /** The last session grew too old and no other took its place. */
  | { readonly type: 'session_expired'; readonly peer: PeerView<P> }
  /** The peer was heard, authenticated, on another path, and is sent to there from now on. */
  | { readonly type: 'peer_roamed'; readonly peer: PeerView<P>; readonly from: P | undefined; readonly to: P }
  /** A former identity no longer answers. */
  | { readonly type: 'identity_retired'; readonly identity: Uint8Array };

/**
 * What the engine does to the world. Byte arrays are the engine's own buffers: they are good until the call returns.
 */
export interface Effects<P extends Path = Path> {
  /** Send this datagram. */
  transmit(path: P, datagram: Uint8Array): void;
  /** An IP packet from this peer, decrypted, and from an address that is the peer's. */
  deliver(peer: PeerView<P>, packet: Uint8Array): void;
  /** A datagram that is no WireGuard message. */
  notWireguard(path: P, datagram: Uint8Array): void;
  event(event: EngineEvent<P>): void;
}
