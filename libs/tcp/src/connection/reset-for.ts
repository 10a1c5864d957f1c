import { FLAG } from '../protocol.js';
import type { Segment } from '../segment/segment.js';
import type { Answer } from './control-block.js';

/** The reset that tells the sender of a segment that there is no such connection (RFC 9293, 3.10.7.1). */
export function resetFor({ flags, sequence, acknowledgement, payload }: Segment): Answer {
  if (flags & FLAG.ack) return { sequence: acknowledgement, acknowledgement: 0, flags: FLAG.rst };
  const length = payload.length + (flags & FLAG.syn ? 1 : 0) + (flags & FLAG.fin ? 1 : 0);
  return { sequence: 0, acknowledgement: (sequence + length) >>> 0, flags: FLAG.rst | FLAG.ack };
}
