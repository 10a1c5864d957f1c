import { FLAG } from '../protocol.js';
import type { Segment } from '../segment/segment.js';
import type { ControlBlock } from './control-block.js';
import { resetFor } from './reset-for.js';

/**
 * A segment arrives in SYN-SENT (RFC 9293, 3.10.7.3). Answers whether the connection is established, so that data
 * and FIN of the segment count.
 */
export function arriveInSynSent(block: ControlBlock, now: number, segment: Segment): boolean {
  const { flags } = segment;
  const answers = (flags & FLAG.ack) !== 0;
  if (answers && segment.acknowledgement !== block.localSequence(1)) {
    if ((flags & FLAG.rst) === 0) block.answer = resetFor(segment);
    return false;
  }
  if (flags & FLAG.rst) {
    if (answers) block.fail(now, 'tcp.refused');
    return false;
  }
  if ((flags & FLAG.syn) === 0) return false;
  block.negotiate(now, segment.sequence, segment.options);
  block.sender.peer.update(0, answers ? 1 : 0, segment.window);
  if (!answers) {
    // Both ends opened at the same time.
    block.enter(now, 'syn-received');
    block.synDue = true;
    return false;
  }
  block.establish(now);
  block.receiver.acks.demand();
  return true;
}
