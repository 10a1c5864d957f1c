import type { Range } from '../buffer/range-set.js';
import { GIVE_UP, LEAST_MSS, RTO } from '../protocol.js';
import { Cubic } from './cubic.js';
import { LossRecovery } from './loss-recovery.js';
import { PeerWindow } from './peer-window.js';
import { RttEstimator } from './rtt-estimator.js';
import { SendBuffer } from './send-buffer.js';

const NEVER = Number.POSITIVE_INFINITY;

/** A stretch of the stream to send. */
export interface Outgoing {
  readonly from: number;
  /** Bytes of data. */
  readonly length: number;
  readonly fin: boolean;
  /** Nothing behind it waits to be sent. */
  readonly push: boolean;
}

export interface IncomingAck {
  /** Offsets: of the segment in the peer's stream, and up to where it acknowledges ours. */
  readonly sequence: number;
  readonly acknowledgement: number;
  /** In bytes. */
  readonly window: number;
  readonly blocks: readonly Range[];
  /** What timestamps say, in ms. */
  readonly roundTrip: number | undefined;
  /** It carries data or a FIN as well. */
  readonly carries: boolean;
}

/** The sending half of a connection: what to send next, what again, and when. Offset 0 is the SYN, 1 the first byte. */
export class Sender {
  readonly peer = new PeerWindow();
  /** Gives the peer up sooner, and also one that keeps its window closed, however well it answers. */
  impatient = false;
  readonly #rtt = new RttEstimator();
  readonly #buffer: SendBuffer;
  #recovery: LossRecovery | undefined;
  #mss = 0;
  #una = 1;
  #nxt = 1;
  #finAt = NEVER;
  #retransmitAt = NEVER;
  #probeAt = NEVER;
  #probeDue = false;
  #silentSince = NEVER;
  #timeouts = 0;
  #lastSent = 0;
  /** The one segment whose round trip is being measured, where there are no timestamps. */
  #timed: { readonly to: number; readonly at: number } | undefined;

  constructor(capacity: number) {
    this.#buffer = new SendBuffer(capacity, 1);
  }

  /** SND.UNA and SND.NXT. */
  get una(): number {
    return this.#una;
  }

  get nxt(): number {
    return this.#nxt;
  }

  get room(): number {
    return this.#finAt === NEVER ? this.#buffer.room : 0;
  }

  get finAcknowledged(): boolean {
    return this.#una > this.#finAt;
  }

  /** `end` was called. */
  get ending(): boolean {
    return this.#finAt !== NEVER;
  }

  /** When `onDeadline` wants to be called, in ms. */
  get deadline(): number {
    return Math.min(this.#retransmitAt, this.#probeAt, this.#recovery?.deadline ?? NEVER);
  }

  /** The handshake is over: sending may begin. */
  open(now: number, mss: number, sackPermitted: boolean, roundTrip: number | undefined): void {
    this.#mss = mss;
    this.#recovery = new LossRecovery(new Cubic(mss), mss, sackPermitted);
    if (roundTrip !== undefined) this.#rtt.sample(roundTrip);
    this.#lastSent = now;
  }

  /** Answers how many bytes were taken. */
  write(bytes: Uint8Array): number {
    return this.#finAt === NEVER ? this.#buffer.write(bytes) : 0;
  }

  /** Nothing will be written any more: a FIN follows the data. */
  end(): void {
    if (this.#finAt === NEVER) this.#finAt = this.#buffer.end;
  }

  copy(offset: number, length: number, into: Uint8Array, at: number): void {
    this.#buffer.copy(offset, length, into, at);
  }

  /** Forgets what is not sent; nothing leaves any more. */
  stop(): void {
    this.#buffer.clear();
    this.#recovery = undefined;
    this.#retransmitAt = NEVER;
    this.#probeAt = NEVER;
    this.#probeDue = false;
  }

  /** What to send now, of `mss - overhead` bytes at most; it counts as sent. Undefined when nothing may be sent. */
  next(now: number, overhead: number): Outgoing | undefined {
    const recovery = this.#recovery;
    if (!recovery) return undefined;
    const most = this.#mss - overhead;
    return this.#again(now, recovery, most) ?? this.#fresh(now, recovery, most);
  }

  /** Makes the peer say where it is. */
  probe(): void {
    this.#probeDue = true;
  }

  /** Whether an empty segment must go out, to learn whether the peer takes data again. Asking settles it. */
  takeProbe(): boolean {
    const due = this.#probeDue;
    this.#probeDue = false;
    return due;
  }

  onAck(now: number, ack: IncomingAck): void {
    const recovery = this.#recovery;
    if (!recovery) return;
    const flight = this.#nxt - this.#una;
    const closed = this.peer.size === 0;
    const changed = this.peer.update(ack.sequence, ack.acknowledgement, ack.window);
    const acked = Math.max(0, ack.acknowledgement - this.#una);
    const duplicate = acked === 0 && !ack.carries && !changed && flight > 0 && ack.acknowledgement === this.#una;
    if (acked > 0) this.#advance(now, ack);
    // A peer whose window is closed is alive as long as it answers, however long that takes.
    else if (this.peer.size === 0 && !this.impatient) this.#silentSince = now;
    const roundTrip = this.#rtt.smoothed ?? RTO.initial;
    const sentAt = ack.roundTrip === undefined ? undefined : Math.floor(now) - ack.roundTrip;
    const { blocks } = ack;
    recovery.onAck(now, { acked, blocks, duplicate, una: this.#una, nxt: this.#nxt, roundTrip, sentAt });
    const full = recovery.congestion.window < 2 * flight;
    if (acked > 0 && full && !recovery.inFastRecovery) {
      recovery.congestion.onAck(now, acked, roundTrip);
    }
    if (closed && this.peer.size > 0) this.#reopened(now);
    if (this.#usable <= 0) return;
    this.#probeAt = NEVER;
    if (this.#una === this.#nxt) this.#silentSince = NEVER;
  }

  /** A deadline may have passed. Answers false when the peer has been silent for too long. */
  onDeadline(now: number): boolean {
    this.#recovery?.onDeadline(now, this.#una, this.#nxt, this.#rtt.smoothed ?? RTO.initial);
    if (this.#retransmitAt <= now) {
      this.#recovery?.onTimeout(this.#una, this.#nxt, this.#timeouts++ > 0);
      this.#timed = undefined;
      this.#rtt.backOff();
      this.#retransmitAt = now + this.#rtt.timeout;
    }
    if (this.#probeAt <= now) {
      this.#probeDue = true;
      this.#rtt.backOff();
      this.#probeAt = now + this.#rtt.timeout;
    }
    return now - this.#silentSince < (this.impatient ? GIVE_UP.orphaned : GIVE_UP.used);
  }

  /** Where the stream ends as far as is known, the FIN included. */
  get #end(): number {
    return this.#finAt === NEVER ? this.#buffer.end : this.#finAt + 1;
  }

  get #usable(): number {
    return this.peer.edge - this.#nxt;
  }

  #advance(now: number, { acknowledgement, roundTrip }: IncomingAck): void {
    this.#una = acknowledgement;
    this.#buffer.release(acknowledgement);
    if (roundTrip !== undefined) this.#rtt.sample(roundTrip);
    else if (this.#timed && acknowledgement >= this.#timed.to) this.#rtt.sample(now - this.#timed.at);
    if (this.#timed && acknowledgement >= this.#timed.to) this.#timed = undefined;
    this.#rtt.recovered();
    this.#timeouts = 0;
    const waiting = this.#una < this.#nxt;
    this.#silentSince = waiting ? now : NEVER;
    this.#retransmitAt = waiting ? now + this.#rtt.timeout : NEVER;
  }

  /** Patience grew with a closed window, not with a bad path: what is lost now is not to wait for as long as probes did. */
  #reopened(now: number): void {
    this.#rtt.recovered();
    if (this.#retransmitAt !== NEVER) this.#retransmitAt = Math.min(this.#retransmitAt, now + this.#rtt.timeout);
  }

  #again(now: number, recovery: LossRecovery, most: number): Outgoing | undefined {
    const lost = recovery.nextLost(this.#una);
    if (!lost) return undefined;
    const from = lost.range.from;
    // A gap this small is one that a peer makes up, to have many segments for a few bytes; or, without SACK, the mark
    // of the segment that starts there.
    const gap = lost.range.to - from;
    const to = Math.min(from + most, gap < LEAST_MSS ? this.#nxt : lost.range.to);
    if (!lost.forced && recovery.allowance(this.#una, this.#nxt) < to - from) return undefined;
    recovery.onResent({ from, to });
    this.#timed = undefined;
    return this.#leaves(now, from, to);
  }

  #fresh(now: number, recovery: LossRecovery, most: number): Outgoing | undefined {
    const waiting = this.#end - this.#nxt;
    if (waiting <= 0) return undefined;
    const inFlight = this.#nxt > this.#una;
    if (!inFlight && now - this.#lastSent > this.#rtt.timeout) recovery.congestion.onIdle();
    const length = Math.min(waiting, most, this.#usable);
    // Avoids silly windows (RFC 9293, 3.8.6.2.1): a part of what waits leaves only if it is a good part of the window,
    // or after a while.
    const silly = length < Math.min(waiting, most) && length < this.peer.most / 2 && !this.#probeDue;
    if (length <= 0 || silly) {
      if (!inFlight) this.#armProbe(now);
      return undefined;
    }
    if (inFlight && recovery.allowance(this.#una, this.#nxt) < length) return undefined;
    recovery.onSent(length);
    this.#probeDue = false;
    const from = this.#nxt;
    this.#nxt += length;
    this.#timed ??= { to: this.#nxt, at: now };
    return this.#leaves(now, from, this.#nxt);
  }

  #armProbe(now: number): void {
    if (this.#probeAt !== NEVER) return;
    this.#probeAt = now + this.#rtt.timeout;
    if (this.#silentSince === NEVER) this.#silentSince = now;
  }

  #leaves(now: number, from: number, to: number): Outgoing {
    this.#lastSent = now;
    if (this.#retransmitAt === NEVER) this.#retransmitAt = now + this.#rtt.timeout;
    if (this.#silentSince === NEVER) this.#silentSince = now;
    const fin = to > this.#finAt;
    return { from, length: to - from - (fin ? 1 : 0), fin, push: to >= this.#buffer.end };
  }
}
