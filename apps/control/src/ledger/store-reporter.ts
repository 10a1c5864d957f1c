import type { Logger } from 'pino';
import type { Problem } from '#kernel';

/** How often a trouble that goes on is told, in milliseconds. */
const REMIND_MS = 30_000;

/** Tells what is new about a store that cannot be asked at once, and what goes on now and then. */
export function reporterOf(logger: Logger): (problem: Problem) => void {
  const told = new Map<string, number>();
  return (problem) => {
    const { code, message, where, hint } = problem;
    if (performance.now() - (told.get(message) ?? -REMIND_MS) < REMIND_MS) return;
    told.set(message, performance.now());
    logger.warn({ problem: { code, message, where, hint } }, `${message}; it is tried again`);
  };
}
