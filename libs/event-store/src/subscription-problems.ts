import { type Problem, problemOf } from '#kernel';
import { place } from './errors.js';
import type { StoredEvent } from './event.js';

export const endedEarly: Problem = {
  code: 'store.subscription_closed',
  message: 'the subscription was closed before it had caught up',
};

export const handlerFailed = (event: StoredEvent, cause: unknown): Problem => ({
  code: 'store.handler_failed',
  message: `the handler of ${event.type} (${event.id}) failed: ${problemOf(cause).message}`,
  where: `${place(event)}, position ${event.position}`,
  hint: 'Mend the cause and subscribe again from the last checkpoint; nothing after this event was handled.',
});
