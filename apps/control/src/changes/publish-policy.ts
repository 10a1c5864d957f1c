import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { withMerge } from './stale-edit.js';

/** Somebody publishes a policy. */
export class PublishPolicy extends Command<WriteOutcome> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly text: string,
  ) {
    super();
  }
}

/** Refuses an edit of what is not in force any more, and says how it goes together with what is. */
@CommandHandler(PublishPolicy)
export class PublishPolicyHandler implements ICommandHandler<PublishPolicy> {
  async execute({ tailnet, request, text }: PublishPolicy): Promise<WriteOutcome> {
    try {
      return await tailnet.writer.execute({ ...request, command: { type: 'PublishAcl', data: { text } } });
    } catch (error) {
      throw await withMerge(error, tailnet, request.expectedRevision, text);
    }
  }
}
