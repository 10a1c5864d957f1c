import type { Crypto } from '#crypto';
import type { Clock } from '#kernel';
import { NO_PRESHARED_KEY } from '../constants.js';
import { CookieJar } from '../cookie/cookie-jar.js';
import type { Identity } from '../device/identities.js';
import type { Scheduled } from '../device/wake-queue.js';
import type { PeerView } from '../effects.js';
import type { PendingHandshake } from '../noise/initiator.js';
import { TimestampSource } from '../noise/tai64n.js';
import type { Path } from '../path.js';
import { Sessions } from '../session/sessions.js';
import { KnownSource } from '../transport/known-source.js';
import { PacketQueue } from '../transport/packet-queue.js';
import { PeerTimers } from './peer-timers.js';

/** What somebody else keeps with a peer. */
export interface Attachment {
  /** Looks at what will be needed with the peer's next packet. */
  prefetch(): number;
}

/** All that is known of one peer. It holds state and no behaviour of the protocol's. */
export class Peer<P extends Path> implements PeerView<P>, Scheduled {
  // What each packet looks at, side by side: peers are many, and a processor's caches small.
  path: P | undefined;
  /** What whoever moves its packets keeps with it. */
  attachment: Attachment | undefined;
  readonly sessions = new Sessions();
  readonly timers = new PeerTimers();
  readonly knownSource = new KnownSource();
  rxBytes = 0;
  txBytes = 0;
  /** Whether the session in use was asked to be renewed because data kept coming in on it (6.2). */
  lastMinuteRekey = false;
  /** Whether the path follows the peer. */
  roaming = true;

  publicKey: Uint8Array;
  presharedKey = Uint8Array.from(NO_PRESHARED_KEY);
  /** What the peer's answers may be made with, beside that one. */
  alsoAccepted: readonly Uint8Array[] = [];
  readonly queue = new PacketQueue();
  cookies: CookieJar;

  /** For our initiations. One per peer, so that many handshakes at once do not run ahead of the clock. */
  readonly timestamps: TimestampSource;
  /** The handshake that we began. */
  pending: PendingHandshake | undefined;
  /** The identity that the peer last completed a handshake with: the one that it surely knows. */
  knownIdentity: Identity | undefined;
  lastInitiationSentAt = Number.NEGATIVE_INFINITY;
  /** Initiations sent in vain, which decides the identity that the next one is made under. */
  unanswered = 0;
  /** When to give up, ms. */
  attemptsEndAt = Number.NEGATIVE_INFINITY;

  lastInitiationReceivedAt = Number.NEGATIVE_INFINITY;
  /** The greatest timestamp of the peer's initiations; a lesser one is a replay (5.1). */
  greatestTimestamp: Uint8Array | undefined;

  /** Wall-clock ms. */
  lastHandshakeAt: number | undefined;

  wakeAt = Number.POSITIVE_INFINITY;
  slot = -1;

  constructor(
    crypto: Crypto,
    wallClock: Clock,
    publicKey: Uint8Array,
    readonly label: string,
  ) {
    this.publicKey = Uint8Array.from(publicKey);
    this.timestamps = new TimestampSource(wallClock);
    this.cookies = new CookieJar(crypto, publicKey);
  }

  /** Looks at what a message from it will look at. */
  prefetch(): number {
    const seen = this.timers.isSooner || this.sessions.awaitsConfirmation || this.knownSource.isNone;
    return (seen ? 1 : 0) + (this.attachment?.prefetch() ?? 0);
  }
}
