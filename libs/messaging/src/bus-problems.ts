import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { Topic } from './topic.js';

export const closedBus = (): NetfoldError => new NetfoldError({ code: 'bus.closed', message: 'the bus was closed' });

export const fullBus = (topic: Topic, limit: number): NetfoldError =>
  new NetfoldError({
    code: 'bus.full',
    message: `${limit} messages wait already`,
    where: topic.name,
  });

export const handlerFailed = (topic: Topic, key: string, cause: unknown): Problem => ({
  code: 'bus.handler_failed',
  message: `the handler of a message failed: ${problemOf(cause).message}`,
  where: `${topic.name}, key ${key}`,
});
