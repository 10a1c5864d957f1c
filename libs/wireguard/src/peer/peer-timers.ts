import { KEEPALIVE_TIMEOUT, REKEY_TIMEOUT } from '../constants.js';

const OFF = Number.POSITIVE_INFINITY;

export type TimerName = 'retransmit' | 'keepalive' | 'silence' | 'persistent_keepalive' | 'expiry';

/**
 * When something is due for one peer (6.2 to 6.5), as deadlines in ms. It only keeps time; what a timer does is
 * for the timer driver.
 */
export class PeerTimers {
  /** Between two persistent keepalives, ms; 0 is off. */
  persistentKeepalive = 0;
  private readonly deadlines: Record<TimerName, number> = {
    retransmit: OFF,
    keepalive: OFF,
    silence: OFF,
    persistent_keepalive: OFF,
    expiry: OFF,
  };
  private anotherKeepalive = false;

  /** Whether a data packet went out and nothing came in since. */
  get awaitsAnswer(): boolean {
    return this.deadlines.silence !== OFF;
  }

  isSet(name: TimerName): boolean {
    return this.deadlines[name] !== OFF;
  }

  set(name: TimerName, at: number): void {
    this.deadlines[name] = at;
  }

  clear(name: TimerName): void {
    this.deadlines[name] = OFF;
  }

  clearAll(): void {
    for (const name of Object.keys(this.deadlines) as TimerName[]) this.clear(name);
    this.anotherKeepalive = false;
  }

  /** The earliest deadline; Infinity when nothing is due. */
  next(): number {
    const { retransmit, keepalive, silence, persistent_keepalive, expiry } = this.deadlines;
    return Math.min(retransmit, keepalive, silence, persistent_keepalive, expiry);
  }

  /** Switches off what is due and names it. */
  takeDue(now: number): TimerName[] {
    const due = (Object.keys(this.deadlines) as TimerName[]).filter((name) => this.deadlines[name] <= now);
    for (const name of due) this.clear(name);
    return due;
  }

  // What follows is done for each packet, and names its deadlines: a name in a variable costs a search.

  /** Anything authenticated went out: no passive keepalive is owed (6.5). */
  packetSent(now: number): void {
    this.deadlines.keepalive = OFF;
    this.anotherKeepalive = false;
    this.traversed(now);
  }

  /** A data packet went out: expect something back within the time that a passive keepalive takes (6.5). */
  awaitAnswer(now: number, jitter: number): void {
    this.deadlines.silence = now + KEEPALIVE_TIMEOUT + REKEY_TIMEOUT + jitter;
  }

  /** Anything authenticated came in: the peer is alive. */
  packetReceived(now: number): void {
    this.deadlines.silence = OFF;
    this.traversed(now);
  }

  /** A data packet came in: if we have nothing to send, tell the peer so after a while (6.5). */
  dataReceived(now: number): void {
    if (this.deadlines.keepalive !== OFF) this.anotherKeepalive = true;
    else this.deadlines.keepalive = now + KEEPALIVE_TIMEOUT;
  }

  /** Whether more data came in while the passive keepalive that was just sent was pending. */
  takeAnotherKeepalive(): boolean {
    const another = this.anotherKeepalive;
    this.anotherKeepalive = false;
    return another;
  }

  private traversed(now: number): void {
    if (this.persistentKeepalive > 0) this.deadlines.persistent_keepalive = now + this.persistentKeepalive;
  }
}
