import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { TailnetState } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';

/** The state of a tailnet at a moment of its past. */
export class ReadMoment extends Query<TailnetState> {
  /** @param at see `parseMoment` of `#history` */
  constructor(
    readonly tailnet: Tailnet,
    readonly at: string,
  ) {
    super();
  }
}

/** Asks the history of the tailnet. */
@QueryHandler(ReadMoment)
export class ReadMomentHandler implements IQueryHandler<ReadMoment> {
  async execute({ tailnet: { history }, at }: ReadMoment): Promise<TailnetState> {
    return history.stateAt(await history.resolve(at));
  }
}
