import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { NetfoldError } from '#kernel';
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
  async execute({ tailnet, minRevision }: ReadTailnet): Promise<TailnetState> {
    if (tailnet.fold.state.revision >= minRevision) return tailnet.fold.state;
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(notYet(minRevision, tailnet.fold.state.revision)), PATIENCE_MS);
    try {
      return await Promise.race([tailnet.fold.reached(minRevision), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const notYet = (wanted: number, revision: number): NetfoldError =>
  new NetfoldError({
    code: 'control.behind',
    message: `this server is at revision ${revision}, and has not seen ${wanted}`,
    where: 'minRevision',
    hint: 'try again, or ask for a revision that there is',
  });
