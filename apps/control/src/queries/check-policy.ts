import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { PolicyProblem } from '#policy';
import { checkPolicy } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';

/** What is wrong or unwise about a policy text, for a tailnet as it is now. */
export interface PolicyCheck {
  /** Whether it may be published. */
  readonly ok: boolean;
  readonly problems: readonly PolicyProblem[];
  readonly revision: number;
}

/** Would this policy be accepted? */
export class CheckPolicy extends Query<PolicyCheck> {
  constructor(
    readonly tailnet: Tailnet,
    readonly text: string,
  ) {
    super();
  }
}

/** Reads the text, lints it and runs the tests that it contains. */
@QueryHandler(CheckPolicy)
export class CheckPolicyHandler implements IQueryHandler<CheckPolicy> {
  async execute({ tailnet, text }: CheckPolicy): Promise<PolicyCheck> {
    const { state } = tailnet.fold;
    const { policy, problems } = checkPolicy(state, text);
    return { ok: policy !== undefined, problems, revision: state.revision };
  }
}
