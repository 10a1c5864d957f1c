import type { StoredEvent } from '#event-store';
import type { WriteOutcome, WriteRequest } from './decide-batch.js';

/** Told of what happens to the commands and events of tailnets in this process. */
export interface TailnetObserver {
  /** Carries a command out by `execute`, and may say in the request what conversation it belongs to. */
  command(
    tailnetId: string,
    request: WriteRequest,
    execute: (request: WriteRequest) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome>;
  /** An event was applied, and concerns the agents of these streams. */
  concerns(tailnetId: string, event: StoredEvent, streams: readonly object[]): void;
}
