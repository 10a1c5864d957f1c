import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { NetfoldError, problemOf } from '#kernel';
import { Ledger } from '../ledger/ledger.js';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { withMerge } from './stale-edit.js';
import { unseen } from './unseen.js';

/** Before everything: what is refused for other reasons is refused for those. */
const UNSEEN = -1;

/** Somebody publishes a policy. */
export class PublishPolicy extends Command<WriteOutcome> {
  /**
   * @param request where its `expectedRevision` is that at which the edit began: what else has changed since is no matter
   * @param replaces whatever there is, seen or not
   */
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly text: string,
    readonly replaces: boolean,
  ) {
    super();
  }
}

/** Refuses an edit of what is not in force any more, and says how it goes together with what is. */
@CommandHandler(PublishPolicy)
export class PublishPolicyHandler implements ICommandHandler<PublishPolicy> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ tailnet, request, text, replaces }: PublishPolicy): Promise<WriteOutcome> {
    const { expectedRevision, ...free } = request;
    const known = replaces || expectedRevision !== undefined;
    const { revision, policy } = tailnet.fold.state;
    const document = { name: 'the policy', written: policy.revision };
    const problem = known ? undefined : await unseen(this.ledger.store, tailnet, request, document);
    const base = replaces ? undefined : problem ? UNSEEN : (expectedRevision ?? revision);
    try {
      return await tailnet.writer.execute({ ...free, command: { type: 'PublishAcl', data: { text, base } } });
    } catch (error) {
      if (problem && problemOf(error).code === 'policy.stale_revision') throw new NetfoldError(problem);
      throw await withMerge(error, tailnet, base, text);
    }
  }
}
