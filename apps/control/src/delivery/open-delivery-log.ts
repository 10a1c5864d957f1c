import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { type Clock, problemOf } from '#kernel';
import { DeliveryFile, type Retention } from './delivery-file.js';
import { DeliveryLog } from './delivery-log.js';

/** Some two million acknowledgements. */
const RETENTION: Retention = { bytes: 32 << 20, age: 90 * 86_400_000 };

/**
 * Opens the delivery log, and makes it when there is none. It says when things took effect, and nothing depends on it: a
 * damaged one is set aside, and a new one begun.
 */
export function openDeliveryLog(path: string, clock: Clock, logger: Logger): DeliveryLog {
  const open = () => {
    // Only its owner may read it; SQLite gives the files beside it the same rights.
    if (!existsSync(path)) writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    return new DeliveryLog(new DeliveryFile(path, RETENTION, clock.now()), clock, logger);
  };
  try {
    return open();
  } catch (error) {
    const aside = `${path}.damaged-${clock.now()}`;
    logger.error({ problem: problemOf(error), aside }, 'the delivery log cannot be used; a new one begins');
    for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    return open();
  }
}
