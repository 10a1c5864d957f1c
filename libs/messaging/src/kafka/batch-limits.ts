import type { Message } from '../bus.js';

/** A batch, and what a message costs in it beside its texts; a broker takes a mebibyte as it comes. */
const [BATCH_BYTES, OVERHEAD_BYTES, BATCH_MESSAGES] = [900_000, 80, 2000];

/** How many of the first messages make one batch: at least one. */
export function batchSize(messages: Iterable<Message>): number {
  let [count, bytes] = [0, 0];
  for (const { key, value, headers = {} } of messages) {
    const texts = [key, ...Object.entries(headers).flat()];
    bytes += texts.reduce((sum, text) => sum + 3 * text.length, OVERHEAD_BYTES + (value?.length ?? 0));
    if (count > 0 && (bytes > BATCH_BYTES || count >= BATCH_MESSAGES)) break;
    count += 1;
  }
  return count;
}
