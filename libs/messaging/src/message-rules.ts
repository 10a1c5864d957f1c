import { NetfoldError } from '#kernel';
import type { Message } from './bus.js';
import type { Topic } from './topic.js';

/** What a broker takes as it comes, less what it adds: Kafka's `message.max.bytes` is a mebibyte. */
const MAX_MESSAGE_BYTES = (1 << 20) - (8 << 10);

/** @throws NetfoldError `bus.too_large`, `bus.bad_message` */
export function requirePublishable(topic: Topic, { key, value, headers = {} }: Message): void {
  if (key === '' || (value === undefined && topic.keeps !== 'newest-per-key')) {
    throw new NetfoldError({
      code: 'bus.bad_message',
      message: key === '' ? 'a message needs a key' : 'a message without a value means nothing on this topic',
      where: topic.name,
    });
  }
  const texts = [key, ...Object.entries(headers).flat()];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), value?.length ?? 0);
  if (bytes <= MAX_MESSAGE_BYTES) return;
  throw new NetfoldError({
    code: 'bus.too_large',
    message: `a message of ${bytes} bytes is larger than the ${MAX_MESSAGE_BYTES} that brokers take`,
    where: `${topic.name}, key ${key}`,
  });
}
