import type { Range } from '../buffer/range-set.js';
import { FLAG } from '../protocol.js';
import type { Segment } from '../segment/segment.js';
import type { ControlBlock } from './control-block.js';
import { arriveInSynSent } from './opening-arrival.js';
import { resetFor } from './reset-for.js';
import { isReceiving } from './tcp-state.js';

const NONE: readonly Range[] = [];

/**
 * A segment arrives for a connection: RFC 9293, 3.10.7.3 and 3.10.7.4, with the checks of RFC 5961 and RFC 7323.
 * Answers whether there is something new to read.
 */
export function arrive(block: ControlBlock, now: number, segment: Segment): boolean {
  if (block.state === 'syn-sent') return arriveInSynSent(block, now, segment) && follow(block, now, segment);
  return isAcceptable(block, now, segment) && acknowledged(block, now, segment) && follow(block, now, segment);
}

/** Sequence number, timestamps, RST and SYN: the first four checks. */
function isAcceptable(block: ControlBlock, now: number, segment: Segment): boolean {
  const { flags, options, payload } = segment;
  const offset = block.remoteOffset(segment.sequence);
  const reset = (flags & FLAG.rst) !== 0;
  if (block.clock && !reset) {
    // RFC 7323, 3.2: once agreed on, every segment has them.
    if (!options.timestamps && (flags & FLAG.syn) === 0) return false;
    if (options.timestamps && block.clock.isOld(now, options.timestamps)) return refuse(block, now, segment);
  }
  if (isRepeatedSyn(block, segment, offset)) {
    block.synDue = true;
    return false;
  }
  const length = payload.length + (flags & FLAG.fin ? 1 : 0) + (flags & FLAG.syn ? 1 : 0);
  if (!block.receiver.accepts(offset, length)) {
    if (reset) return false;
    refuse(block, now, segment);
    // A closed window takes no data, but what else the segment says counts.
    return offset === block.receiver.next && (flags & (FLAG.syn | FLAG.ack)) === FLAG.ack;
  }
  if (reset) return resets(block, now, offset);
  if (flags & FLAG.syn) return challenge(block, now);
  return (flags & FLAG.ack) !== 0;
}

/** Our answer to the peer's SYN was lost. */
const isRepeatedSyn = (block: ControlBlock, { flags }: Segment, offset: number): boolean =>
  block.state === 'syn-received' && offset === 0 && (flags & (FLAG.syn | FLAG.rst | FLAG.ack)) === FLAG.syn;

/** RFC 5961, 3.2: only a reset with the very number that is expected counts. */
function resets(block: ControlBlock, now: number, offset: number): false {
  if (offset !== block.receiver.next) return challenge(block, now);
  // RFC 1337: a reset must not end TIME-WAIT early.
  if (block.state === 'time-wait') return false;
  if (block.state === 'closing' || block.state === 'last-ack') block.enter(now, 'closed');
  else block.fail(now, 'tcp.reset');
  return false;
}

/** Says where we are, in case the peer, and not a forger, sent this (RFC 5961, 4.2 and 5.2). */
function challenge(block: ControlBlock, now: number): false {
  if (block.challenges.allows(now)) block.receiver.acks.demand();
  return false;
}

/** A segment outside the window is answered; empty ones not without limit, or two confused ends would never stop. */
function refuse(block: ControlBlock, now: number, { payload, flags }: Segment): false {
  if (payload.length === 0 && (flags & FLAG.fin) === 0) return challenge(block, now);
  block.receiver.acks.demand();
  // The peer did not hear that its FIN arrived: it may send it again until then.
  if (block.state === 'time-wait') block.enter(now, 'time-wait');
  return false;
}

/** The fifth check: what the segment acknowledges. */
function acknowledged(block: ControlBlock, now: number, segment: Segment): boolean {
  const { sender, clock } = block;
  const acknowledgement = block.localOffset(segment.acknowledgement);
  if (block.state === 'syn-received') {
    if (acknowledgement !== 1) {
      block.answer = resetFor(segment);
      return false;
    }
    block.establish(now);
  }
  if (acknowledgement > sender.nxt || acknowledgement < sender.una - sender.peer.most) return challenge(block, now);
  const { timestamps } = segment.options;
  const sequence = block.remoteOffset(segment.sequence);
  if (clock && timestamps && sequence <= block.lastAcknowledged) clock.remember(now, timestamps);
  sender.onAck(now, {
    sequence,
    acknowledgement: Math.max(acknowledgement, sender.una),
    window: segment.window * 2 ** block.peerShift,
    blocks: block.sackPermitted ? blocksOf(block, segment) : NONE,
    roundTrip: clock && timestamps && clock.roundTrip(now, timestamps),
    carries: segment.payload.length > 0 || (segment.flags & FLAG.fin) !== 0,
  });
  if (sender.finAcknowledged) finAcknowledged(block, now);
  return block.state !== 'closed';
}

const blocksOf = (block: ControlBlock, { options }: Segment): readonly Range[] =>
  options.sack.length === 0
    ? NONE
    : options.sack.map(({ from, to }) => ({ from: block.localOffset(from), to: block.localOffset(to) }));

function finAcknowledged(block: ControlBlock, now: number): void {
  if (block.state === 'fin-wait-1') block.enter(now, 'fin-wait-2');
  else if (block.state === 'closing') block.enter(now, 'time-wait');
  else if (block.state === 'last-ack') block.enter(now, 'closed');
}

/** The seventh and eighth: data and FIN. */
function follow(block: ControlBlock, now: number, segment: Segment): boolean {
  const { receiver } = block;
  const fin = (segment.flags & FLAG.fin) !== 0;
  if (segment.payload.length === 0 && !fin) return false;
  if (!isReceiving(block.state)) {
    receiver.acks.demand();
    return false;
  }
  const offset = block.remoteOffset(segment.sequence) + (segment.flags & FLAG.syn ? 1 : 0);
  if (block.orphaned && offset + segment.payload.length > receiver.next && segment.payload.length > 0) {
    // Nobody will read it, and the peer should know (RFC 9293, 3.6.1).
    block.answer = resetFor(segment);
    block.fail(now, 'tcp.reset');
    return false;
  }
  const fresh = receiver.take(now, offset, segment.payload, fin);
  if (receiver.ended) peerEnded(block, now);
  return fresh;
}

function peerEnded(block: ControlBlock, now: number): void {
  if (block.state === 'established') block.enter(now, 'close-wait');
  else if (block.state === 'fin-wait-1') block.enter(now, 'closing');
  else block.enter(now, 'time-wait');
}
