import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { checkPolicyFile, type PolicyProblem } from '#policy';
import { directoryOf, subjectOf, type TailnetState } from '#tailnet';
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
    const { policy, problems } = checkPolicyFile(text, networkOf(state), { syncedGroups: state.groups.keys() });
    return { ok: policy !== undefined, problems, revision: state.revision };
  }
}

const networkOf = (state: TailnetState) => ({
  subjects: [...state.nodes.values()].map((node) => subjectOf(state, node)),
  directory: directoryOf(state),
});
