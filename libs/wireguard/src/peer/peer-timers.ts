import { KEEPALIVE_TIMEOUT, REKEY_TIMEOUT } from '../constants.js';

const OFF = Number.POSITIVE_INFINITY;

/** The bits that timers are known by. */
const TIMER = { retransmit: 1, keepalive: 2, silence: 4, persistent_keepalive: 8, expiry: 16 } as const;
export type TimerName = keyof typeof TIMER;
const NAMES = Object.keys(TIMER) as TimerName[];

/**
 * When something is due for one peer (6.2 to 6.5), as deadlines in ms. It only keeps time; what a timer does is
 * for the timer driver.
 */
export class PeerTimers {
  /** Between two persistent keepalives, ms; 0 is off. */
  persistentKeepalive = 0;
  /** The bits of those that are set: most packets look at no deadline. */
  private running = 0;
  private anotherKeepalive = false;
  private sooner = false;
  private readonly deadlines: Record<TimerName, number> = {
    retransmit: OFF,
    keepalive: OFF,
    silence: OFF,
    persistent_keepalive: OFF,
    expiry: OFF,
  };

  /** Whether a data packet went out and nothing came in since. */
  get awaitsAnswer(): boolean {
    return this.isSet('silence');
  }

  isSet(name: TimerName): boolean {
    return (this.running & TIMER[name]) !== 0;
  }

  set(name: TimerName, at: number): void {
    if (!this.isSet(name) || at < this.deadlines[name]) this.sooner = true;
    this.running |= TIMER[name];
    this.deadlines[name] = at;
  }

  clear(name: TimerName): void {
    this.running &= ~TIMER[name];
  }

  clearAll(): void {
    this.running = 0;
    this.anotherKeepalive = false;
  }

  /** The earliest deadline; Infinity when nothing is due. */
  next(): number {
    this.sooner = false;
    let next = OFF;
    for (const name of NAMES) if (this.isSet(name)) next = Math.min(next, this.deadlines[name]);
    return next;
  }

  /** Whether a deadline may be earlier than `next` last said. */
  get isSooner(): boolean {
    return this.sooner;
  }

  /** Switches off what is due and names it. */
  takeDue(now: number): TimerName[] {
    const due = NAMES.filter((name) => this.isSet(name) && this.deadlines[name] <= now);
    for (const name of due) this.clear(name);
    return due;
  }

  /** Anything authenticated went out: no passive keepalive is owed (6.5). */
  packetSent(now: number): void {
    this.clear('keepalive');
    this.anotherKeepalive = false;
    this.traversed(now);
  }

  /** A data packet went out: expect something back within the time that a passive keepalive takes (6.5). */
  awaitAnswer(now: number, jitter: number): void {
    this.set('silence', now + KEEPALIVE_TIMEOUT + REKEY_TIMEOUT + jitter);
  }

  /** Anything authenticated came in: the peer is alive. */
  packetReceived(now: number): void {
    this.clear('silence');
    this.traversed(now);
  }

  /** A data packet came in: if we have nothing to send, tell the peer so after a while (6.5). */
  dataReceived(now: number): void {
    if (this.isSet('keepalive')) this.anotherKeepalive = true;
    else this.set('keepalive', now + KEEPALIVE_TIMEOUT);
  }

  /** Whether more data came in while the passive keepalive that was just sent was pending. */
  takeAnotherKeepalive(): boolean {
    const another = this.anotherKeepalive;
    this.anotherKeepalive = false;
    return another;
  }

  private traversed(now: number): void {
    if (this.persistentKeepalive > 0) this.set('persistent_keepalive', now + this.persistentKeepalive);
  }
}
