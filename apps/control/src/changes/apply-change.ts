import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { systemRandom } from '#host';
import { type JsonObject, NetfoldError, newId } from '#kernel';
import { type Impact } from '#reach';
import { type Change, requirementsOf, type TailnetCommand, type TailnetState } from '#tailnet';
import { SystemClock } from '../config/system-clock.js';
import { DetailedProblem } from '../problems/detailed-problem.js';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { approvedImpact } from './approved-impact.js';
import { atHead } from './at-head.js';
import { findChange } from './find-change.js';
import { impactDifference } from './impact-difference.js';
import { policyIn } from './policy-in.js';
import { preview } from './preview.js';
import { withMerge } from './stale-edit.js';
import { whyOf } from './why-of.js';

/** Somebody, or a change's time, wants it applied. */
export class ApplyChange extends Command<WriteOutcome> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly changeId: string,
  ) {
    super();
  }
}

/**
 * Works out what the change does at the head and applies it there, or not at all. When it is not what was approved, the
 * approvals lapse, which is recorded, and the answer says what differs.
 */
@CommandHandler(ApplyChange)
export class ApplyChangeHandler implements ICommandHandler<ApplyChange> {
  constructor(private readonly clock: SystemClock) {}

  async execute({ tailnet, request, changeId }: ApplyChange): Promise<WriteOutcome> {
    const change = findChange(tailnet.fold.state, changeId);
    const { commands, baseRevision } = change;
    const explained = { ...request, reason: whyOf(change, request.reason) };
    try {
      return await atHead(tailnet, explained, async (state) => {
        const impactDigest = await this.#digestOf(tailnet, request, state, changeId);
        return { type: 'ApplyChange', data: { changeId, impactDigest } };
      });
    } catch (error) {
      throw isStaleBase(error) ? await withMerge(error, tailnet, baseRevision, policyIn(commands)) : error;
    }
  }

  async #digestOf(
    tailnet: Tailnet,
    request: Omit<WriteRequest, 'command'>,
    state: TailnetState,
    changeId: string,
  ): Promise<string> {
    const change = findChange(state, changeId);
    if (change.stage !== 'open' || state.outcomes.revisionOf(request.id) !== undefined) return '';
    const now = this.clock.now();
    const { impact } = await preview(state, change, now);
    if (!impact) return change.impactDigest ?? ''; // the decision says what is wrong
    const requirements = requirementsOf(state, change, now);
    const isApproved = requirements.length > 0 && requirements.every(({ missing }) => missing === 0);
    if (isApproved && change.impactDigest !== impact.digest)
      throw await this.#lapse(tailnet, request, state, change, impact);
    return impact.digest;
  }

  async #lapse(
    tailnet: Tailnet,
    { actor }: Omit<WriteRequest, 'command'>,
    state: TailnetState,
    change: Change,
    impact: Impact,
  ): Promise<DetailedProblem> {
    const then = await approvedImpact(tailnet, change, change.approvals, this.clock.now());
    const command: TailnetCommand<'LapseApprovals'> = {
      type: 'LapseApprovals',
      data: { changeId: change.id, impactDigest: impact.digest },
    };
    const id = newId('lapse', systemRandom);
    await tailnet.writer.execute({ id, actor, expectedRevision: state.revision, command });
    const difference = then && impactDifference(then, impact, (id) => tailnet.names.of(id));
    return lapsed(change, (difference ?? {}) as unknown as JsonObject);
  }
}

const isStaleBase = (error: unknown): boolean => error instanceof NetfoldError && error.code === 'policy.stale_base';

const lapsed = ({ id }: Change, difference: JsonObject): DetailedProblem =>
  new DetailedProblem(
    {
      code: 'change.approvals_lapsed',
      message: 'by now this change would do something else than what was approved: its approvals have lapsed',
      hint: `look at it and approve it again: netfold change show ${id}`,
    },
    { difference },
  );
