import { KEEPALIVE_TIMEOUT } from '../constants.js';
import type { Path } from '../path.js';
import type { Peer } from '../peer/peer.js';
import type { TimerName } from '../peer/peer-timers.js';
import type { Device } from './device.js';
import type { HandshakeStarter } from './handshake-starter.js';
import type { Outbox } from './outbox.js';

/** A handshake is begun in a fraction of a millisecond; packets wait for so many at most. */
const MOST_PEERS = 8;

/** Does what is due for peers (6.2 to 6.5). */
export class TimerDriver<P extends Path> {
  private readonly actions: Record<TimerName, (now: number, peer: Peer<P>) => void> = {
    retransmit: (now, peer) => this.starter.retry(now, peer),
    silence: (now, peer) => this.starter.start(now, peer),
    keepalive: (now, peer) => this.passiveKeepalive(now, peer),
    persistent_keepalive: (now, peer) => this.persistentKeepalive(now, peer),
    expiry: (now, peer) => this.expire(now, peer),
  };

  constructor(
    private readonly device: Device<P>,
    private readonly starter: HandshakeStarter<P>,
    private readonly outbox: Outbox<P>,
  ) {}

  /** For a few peers, as each may begin a handshake: others are due still, and `nextTimer` says so. */
  tick(now: number): void {
    for (let i = 0; i < MOST_PEERS; i++) {
      const peer = this.device.wakeQueue.takeDue(now);
      if (!peer) return;
      for (const name of peer.timers.takeDue(now)) this.actions[name](now, peer);
      this.device.wakeQueue.schedule(peer, peer.timers.next()); // which it has left
    }
  }

  private passiveKeepalive(now: number, peer: Peer<P>): void {
    const another = peer.timers.takeAnotherKeepalive();
    this.outbox.keepalive(now, peer);
    if (another) peer.timers.set('keepalive', now + KEEPALIVE_TIMEOUT);
  }

  private persistentKeepalive(now: number, peer: Peer<P>): void {
    this.outbox.keepalive(now, peer);
    const period = peer.timers.persistentKeepalive;
    if (period > 0 && !peer.timers.isSet('persistent_keepalive')) {
      peer.timers.set('persistent_keepalive', now + period);
    }
  }

  /** Keys are zeroed as soon as they are of no more use, where the paper allows three times as long (6.3). */
  private expire(now: number, peer: Peer<P>): void {
    const expired = peer.sessions.expire(now);
    this.device.closeSessions(expired);
    peer.timers.set('expiry', peer.sessions.nextExpiry());
    if (expired.length > 0 && peer.sessions.all().length === 0) {
      this.device.effects.event({ type: 'session_expired', peer });
    }
  }
}
