import { createRequire } from 'node:module';

/** What is told here of the requests of one connection of kafkajs. */
interface RequestQueue {
  /** Those that are not sent yet. */
  readonly pending: readonly unknown[];
  /** Has them looked at again later. */
  scheduleCheckPendingRequests(): void;
}

const { prototype: queue } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
  readonly prototype: RequestQueue;
};
const schedule = queue.scheduleCheckPendingRequests;

// kafkajs 2.2.4 looks for requests that wait each millisecond on each connection, also when none do, with a delay that Node
// warns of: https://github.com/tulios/kafkajs/issues/1704
queue.scheduleCheckPendingRequests = function (): void {
  if (this.pending.length > 0) schedule.call(this);
};
