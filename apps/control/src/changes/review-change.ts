import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { NetfoldError } from '#kernel';
import type { TailnetState } from '#tailnet';
import { SystemClock } from '../config/system-clock.js';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { atHead } from './at-head.js';
import { findChange } from './find-change.js';
import { preview } from './preview.js';

/** What somebody thinks of a change. */
export type Verdict =
  | { readonly verdict: 'approve'; readonly comment: string /** Of the impact that they saw. */; readonly seen: string }
  | { readonly verdict: 'reject'; readonly comment: string };

/** Somebody approves or rejects a change. */
export class ReviewChange extends Command<WriteOutcome> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly changeId: string,
    readonly verdict: Verdict,
  ) {
    super();
  }
}

/** Lets an approval through only if the change would do, at the revision of the approval, what the reviewer saw. */
@CommandHandler(ReviewChange)
export class ReviewChangeHandler implements ICommandHandler<ReviewChange> {
  constructor(private readonly clock: SystemClock) {}

  execute({ tailnet, request, changeId, verdict: given }: ReviewChange): Promise<WriteOutcome> {
    const { verdict, comment } = given;
    return atHead(tailnet, request, async (state) => {
      const impactDigest = given.verdict === 'approve' ? await this.#confirm(state, changeId, given.seen) : '';
      return { type: 'ReviewChange', data: { changeId, verdict, comment, impactDigest } };
    });
  }

  /** @throws NetfoldError when the change cannot be applied, or would do something else than what was seen */
  async #confirm(state: TailnetState, changeId: string, seen: string): Promise<string> {
    const change = findChange(state, changeId);
    if (change.stage !== 'open') return seen; // the decision says what it is
    const { impact, problem } = await preview(state, change, this.clock.now());
    if (problem) throw new NetfoldError(problem);
    if (impact.digest === seen) return seen;
    throw new NetfoldError({
      code: 'change.impact_moved',
      message: 'by now this change would do something else than what you saw',
      where: 'impactDigest',
      hint: `look at it again: netfold change show ${changeId}`,
    });
  }
}
