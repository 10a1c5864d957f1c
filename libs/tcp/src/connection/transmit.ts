import { NO_OPTIONS, type SackBlock, type SegmentOptions } from '../segment/segment.js';
import type { ControlBlock } from './control-block.js';
import type { SegmentWriter } from './segment-writer.js';
import { isOpening } from './tcp-state.js';

/** Sends what is due: resets, a SYN, data as far as the windows allow, and what must be acknowledged. */
export function transmit(block: ControlBlock, now: number, writer: SegmentWriter): void {
  if (block.answer) writer.answer(block.options.flow, block.answer);
  block.answer = undefined;
  if (block.state === 'closed' || block.state === 'listen') return;
  if (block.synDue) {
    block.synDue = false;
    block.handshake.onSent(now);
    writer.syn(block, now);
  }
  if (block.state === 'syn-sent') return;
  if (!isOpening(block.state)) transmitStream(block, now, writer);
  if (block.receiver.acks.due) writer.empty(block, numberOfEmpty(block), optionsNow(block, now));
}

function transmitStream(block: ControlBlock, now: number, writer: SegmentWriter): void {
  if (block.sender.ending && block.state === 'established') block.enter(now, 'fin-wait-1');
  else if (block.sender.ending && block.state === 'close-wait') block.enter(now, 'last-ack');
  const blocks = block.receiver.sackBlocks().length;
  const overhead = blocks === 0 ? 0 : 4 + 8 * blocks;
  let options: SegmentOptions | undefined;
  for (let part = block.sender.next(now, overhead); part; part = block.sender.next(now, overhead)) {
    options ??= optionsNow(block, now);
    writer.data(block, part, options);
  }
  // A number that was acknowledged long ago makes the peer answer with its window.
  if (block.sender.takeProbe()) writer.empty(block, block.sender.una - 1, optionsNow(block, now));
}

/**
 * The number of a segment without data: the next one, or the end of a window that the peer has taken back, past which it
 * takes no acknowledgement either. Two that fill each other's buffers would wait for ever. As Linux does; less than a step
 * of the window's scale is a matter of rounding.
 */
function numberOfEmpty({ sender: { una, nxt, peer }, peerShift }: ControlBlock): number {
  return nxt - peer.edge < 2 ** peerShift ? nxt : Math.max(una, peer.edge);
}

function optionsNow(block: ControlBlock, now: number): SegmentOptions {
  const timestamps = block.clock?.stamp(now);
  return { ...NO_OPTIONS, timestamps, sack: block.sackPermitted ? sackOf(block) : NO_OPTIONS.sack };
}

function sackOf(block: ControlBlock): readonly SackBlock[] {
  const blocks = block.receiver.sackBlocks();
  if (blocks.length === 0) return NO_OPTIONS.sack;
  return blocks.map(({ from, to }) => ({ from: block.remoteSequence(from), to: block.remoteSequence(to) }));
}
