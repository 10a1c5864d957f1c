import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { NetfoldError } from '#kernel';
import { type ExplainedRule, readAccessQuestion } from '#policy';
import { explainPolicy } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';

/** Whether the policy in force lets a flow pass, and why. */
export interface PolicyExplanation {
  readonly allowed: boolean;
  /** One sentence. */
  readonly summary: string;
  /** The rule that decides, or the one that comes nearest to allowing it; null when there is none. */
  readonly rule: ExplainedRule | null;
  readonly revision: number;
}

/** Who may reach what, and by which rule? */
export class ExplainPolicy extends Query<PolicyExplanation> {
  /**
   * @param src a name of the policy language, or a node
   * @param dst the same, with a port and perhaps a protocol: `db:5432`, `tag:dns:53/udp`
   */
  constructor(
    readonly tailnet: Tailnet,
    readonly src: string,
    readonly dst: string,
  ) {
    super();
  }
}

/** Asks the policy in force, among the nodes and people that there are. */
@QueryHandler(ExplainPolicy)
export class ExplainPolicyHandler implements IQueryHandler<ExplainPolicy> {
  async execute({ tailnet, src, dst }: ExplainPolicy): Promise<PolicyExplanation> {
    const question = readAccessQuestion(src, dst);
    if (typeof question === 'string') {
      throw new NetfoldError({ code: 'policy.bad_question', message: question, where: 'dst' });
    }
    const { state } = tailnet.fold;
    const { allowed, summary, rule } = explainPolicy(state, question);
    if (allowed === undefined) {
      const hint = 'name a node, a user, a group:, a tag:, a host of the policy, or an address';
      throw new NetfoldError({ code: 'policy.unknown_name', message: summary, hint });
    }
    return { allowed, summary, rule: rule ?? null, revision: state.revision };
  }
}
