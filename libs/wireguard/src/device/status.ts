import type { Prefix } from '#net';
import type { PresharedKeyUse } from '../noise/transport-keys.js';
import type { Path } from '../path.js';
import type { DropReason } from './drop-counters.js';

/** What may be shown of a peer: no secrets. */
export interface PeerStatus<P extends Path = Path> {
  readonly label: string;
  readonly publicKey: Uint8Array;
  readonly path: P | undefined;
  readonly allowedIps: readonly Prefix[];
  /** Seconds; 0 for none. */
  readonly persistentKeepalive: number;
  /** Wall-clock ms; undefined before the first. */
  readonly lastHandshakeAt: number | undefined;
  /** Bytes of UDP payload in authenticated messages. */
  readonly rxBytes: number;
  /** Bytes of UDP payload. */
  readonly txBytes: number;
  /** Whether there is a session to send on. */
  readonly connected: boolean;
  /** What of pre-shared keys that session was made with; undefined without a session. */
  readonly presharedKey: PresharedKeyUse | undefined;
  /** The public key that the peer last shook hands with us under; it may be a former one. */
  readonly identity: Uint8Array | undefined;
}

export interface EngineStatus<P extends Path = Path> {
  /** Undefined before a private key is set. */
  readonly publicKey: Uint8Array | undefined;
  readonly peers: readonly PeerStatus<P>[];
  /** Datagrams and packets that went no further, by reason, since the start. */
  readonly drops: Readonly<Record<DropReason, number>>;
}
