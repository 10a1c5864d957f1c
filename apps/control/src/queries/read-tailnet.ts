import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { TailnetState } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';

const PATIENCE_MS = 5_000;

/** The state of a tailnet. */
export class ReadTailnet extends Query<TailnetState> {
  /** @param minRevision not an older one: after a change, one reads what one wrote */
  constructor(
    readonly tailnet: Tailnet,
    readonly minRevision: number,
  ) {
    super();
  }
}

/** Waits until this process has come as far as is asked for. */
@QueryHandler(ReadTailnet)
export class ReadTailnetHandler implements IQueryHandler<ReadTailnet> {
  async execute({ tailnet: { fold }, minRevision }: ReadTailnet): Promise<TailnetState> {
    if (fold.state.revision >= minRevision) return fold.state;
    return fold.reached(minRevision, AbortSignal.timeout(PATIENCE_MS));
  }
}
