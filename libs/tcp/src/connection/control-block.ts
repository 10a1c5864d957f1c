import type { NetfoldError } from '#kernel';
import {
  CHALLENGE,
  DECISION_TIME,
  DEFAULT_MSS,
  FIN_WAIT,
  HEADER,
  LEAST_MSS,
  MOST_WINDOW_SHIFT,
  TIME_WAIT,
  TIMESTAMPS_LENGTH,
} from '../protocol.js';
import { Receiver } from '../receive/receiver.js';
import { TimestampClock } from '../receive/timestamp-clock.js';
import type { SegmentHeader, SegmentOptions } from '../segment/segment.js';
import { Sender } from '../send/sender.js';
import type { Flow } from './flow.js';
import { HandshakeTimer } from './handshake-timer.js';
import { RateLimit } from './rate-limit.js';
import { type TcpFailure, tcpError } from './tcp-error.js';
import { isOpening, type TcpState } from './tcp-state.js';

const NEVER = Number.POSITIVE_INFINITY;

export interface ControlBlockOptions {
  readonly flow: Flow;
  /** The largest IP packet in bytes. */
  readonly mtu: number;
  /** Our first sequence number, and the start of our timestamps: both random, 32 bits. */
  readonly iss: number;
  readonly timestampOffset: number;
  /** Bytes that are kept in each direction. */
  readonly sendBuffer: number;
  readonly receiveBuffer: number;
}

/** What must be answered, whatever else happens. */
export type Answer = Pick<SegmentHeader, 'sequence' | 'acknowledgement' | 'flags'>;

/**
 * The state of a connection (RFC 9293, 3.3.1). Sequence numbers live here as offsets in the two streams, which never
 * wrap: the SYN is 0, the first byte 1. Only segments have them as they are on the wire.
 */
export class ControlBlock {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly handshake = new HandshakeTimer();
  readonly challenges = new RateLimit(CHALLENGE.most, CHALLENGE.within);
  readonly shift: number;
  #state: TcpState = 'closed';
  /** The peer's first sequence number. */
  irs = 0;
  /** What both ends agreed on. */
  clock: TimestampClock | undefined;
  sackPermitted = false;
  scaled = false;
  peerShift = 0;
  mss = 0;
  failure: NetfoldError | undefined;
  /** A segment that is not part of our stream: a reset. */
  answer: Answer | undefined;
  /** What the peer was last told that has arrived: an offset of its stream (RFC 7323, 4.3: Last.ACK.sent). */
  lastAcknowledged = 0;
  /** A SYN has to be sent, or sent again. */
  synDue = false;
  /** The handshake has been completed. */
  established = false;
  /** Nobody reads or writes any more. */
  orphaned = false;
  /** When the state ends by itself, in ms. */
  stateDeadline = NEVER;

  constructor(readonly options: ControlBlockOptions) {
    this.sender = new Sender(options.sendBuffer);
    this.receiver = new Receiver(options.receiveBuffer);
    this.shift = shiftFor(options.receiveBuffer);
  }

  get state(): TcpState {
    return this.#state;
  }

  /** The data that one packet of ours can carry, without options. */
  get ownMss(): number {
    return this.options.mtu - HEADER - (this.options.flow.local.address.length === 4 ? 20 : 40);
  }

  enter(now: number, state: TcpState): void {
    this.#state = state;
    if (state === 'listen') this.stateDeadline = now + DECISION_TIME;
    else if (state === 'time-wait') this.stateDeadline = now + TIME_WAIT;
    else if (state === 'fin-wait-2' && this.orphaned) this.stateDeadline = now + FIN_WAIT;
    else this.stateDeadline = NEVER;
    if (state === 'time-wait' || state === 'closed') this.sender.stop();
  }

  /** The connection is over, for this reason. */
  fail(now: number, failure: TcpFailure): void {
    this.failure ??= tcpError(failure, this.options.flow);
    this.receiver.clear();
    this.enter(now, 'closed');
  }

  /** Takes over what a SYN of the peer says (RFC 9293, 3.7.1; RFC 7323, 2.2 and 3.2; RFC 2018, 2). */
  negotiate(now: number, sequence: number, options: SegmentOptions): void {
    const { timestampOffset, flow } = this.options;
    this.irs = sequence;
    const offered = options.mss ?? DEFAULT_MSS[flow.local.address.length === 4 ? 4 : 16];
    this.mss = Math.min(this.ownMss, Math.max(LEAST_MSS, offered));
    this.clock = options.timestamps && new TimestampClock(timestampOffset, now, options.timestamps);
    this.sackPermitted = options.sackPermitted;
    this.scaled = options.windowShift !== undefined;
    this.peerShift = Math.min(MOST_WINDOW_SHIFT, options.windowShift ?? 0);
    this.receiver.open(this.scaled ? this.shift : 0, this.mss - this.overhead);
  }

  /** The handshake is over. */
  establish(now: number): void {
    this.sender.open(now, this.mss - this.overhead, this.sackPermitted, this.handshake.onAnswer(now));
    this.synDue = false;
    this.established = true;
    this.enter(now, 'established');
  }

  /** Offset of a sequence number of the peer's. */
  remoteOffset(sequence: number): number {
    const { next } = this.receiver;
    return next + ((sequence - this.irs - next) | 0);
  }

  /** Offset of a sequence number of ours. */
  localOffset(sequence: number): number {
    const { una } = this.sender;
    return una + ((sequence - this.options.iss - una) | 0);
  }

  localSequence(offset: number): number {
    return (this.options.iss + offset) >>> 0;
  }

  remoteSequence(offset: number): number {
    return (this.irs + offset) >>> 0;
  }

  /** When something happens by itself, in ms. */
  get deadline(): number {
    const { sender, receiver, handshake } = this;
    const opening = isOpening(this.#state) ? handshake.deadline : NEVER;
    return Math.min(this.stateDeadline, opening, sender.deadline, receiver.acks.deadline);
  }

  /** Bytes of each segment that options take which are in all of them. */
  private get overhead(): number {
    return this.clock ? TIMESTAMPS_LENGTH : 0;
  }
}

/** The least scale with which the whole buffer can be offered (RFC 7323, 2.3). */
function shiftFor(capacity: number): number {
  let shift = 0;
  while (capacity / 2 ** shift > 0xffff && shift < MOST_WINDOW_SHIFT) shift++;
  return shift;
}
