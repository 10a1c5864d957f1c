import type { EventStore } from '../event-store.js';
import type { LedgerRow } from '../transfer/ledger-ports.js';
import { runsOf, StoreLedger } from '../transfer/store-ledger.js';
import { parseKurrentUrl } from './kurrent-address.js';
import { openKurrentEventStore } from './open-kurrent-event-store.js';

/** Of 1 MiB that KurrentDB takes at once by default: texts of mostly one byte a character, and what is noted at them. */
const RUN_LENGTH = 400_000;

/** A ledger in a KurrentDB to copy to. */
export class KurrentTarget extends StoreLedger {
  private constructor(name: string, store: EventStore) {
    super(name, store);
  }

  /** @throws NetfoldError as `openKurrentEventStore` */
  static async open(url: string): Promise<KurrentTarget> {
    return new KurrentTarget(parseKurrentUrl(url).name, await openKurrentEventStore(url));
  }

  /** One after the other: nothing else keeps the order between streams, and a copy that is cut off is a beginning. */
  override async append(rows: readonly LedgerRow[]): Promise<void> {
    for (const run of runsOf(rows, RUN_LENGTH)) await this.appendRun(run);
  }
}
