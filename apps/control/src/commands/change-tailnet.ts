import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** One change of a tailnet. */
export class ChangeTailnet extends Command<WriteOutcome> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: WriteRequest,
  ) {
    super();
  }
}

/** Hands a change to the writer of its tailnet, which decides it, stores what it caused, and answers. */
@CommandHandler(ChangeTailnet)
export class ChangeTailnetHandler implements ICommandHandler<ChangeTailnet> {
  execute({ tailnet, request }: ChangeTailnet): Promise<WriteOutcome> {
    return tailnet.writer.execute(request);
  }
}
