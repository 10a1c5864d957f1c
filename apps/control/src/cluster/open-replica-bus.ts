import type { Logger } from 'pino';
import type { Problem } from '#kernel';
import { type Bus, openBus } from '#messaging';
import type { ControlOptions } from '../config/control-options.js';

/** What replicas hear of each other by, and how to let go of it. */
export interface ReplicaBus {
  readonly bus: Bus;
  closeBus(): Promise<void>;
}

/**
 * Opens the bus that the options name: one in this process, where there is one replica.
 * @throws NetfoldError `bus.…` when the brokers cannot be understood; they need not answer yet
 */
export function openReplicaBus({ bus, kafka }: ControlOptions, logger: Logger): ReplicaBus {
  if (bus) return { bus, closeBus: async () => {} };
  const report = (problem: Problem) => logger.warn({ problem }, problem.message);
  const own = openBus(kafka, report);
  return { bus: own, closeBus: () => own.close() };
}
