import type { WriteOutcome } from '../tailnet/decide-batch.js';

/** What a change answers. */
export interface Changed {
  readonly revision: number;
  /** None: it was so already, or the same request was carried out before. */
  readonly events: readonly { readonly id: string; readonly type: string; readonly revision: number }[];
}

export const changed = ({ revision, events }: WriteOutcome): Changed => ({
  revision,
  events: events.map((event) => ({ id: event.id, type: event.type, revision: event.revision })),
});
