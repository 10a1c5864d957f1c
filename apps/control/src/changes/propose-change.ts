import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ProposedCommand, TailnetCommand } from '#tailnet';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { changeIdOf } from './change-id.js';
import { policyIn } from './policy-in.js';
import { resolveNames } from './resolve-names.js';
import { withMerge } from './stale-edit.js';

/** What is proposed. The commands may name nodes and users by what people call them. */
export type Proposal = Omit<TailnetCommand<'ProposeChange'>['data'], 'changeId' | 'commands' | 'reverts'> & {
  readonly commands: readonly unknown[];
};

export interface Proposed {
  readonly outcome: WriteOutcome;
  readonly changeId: string;
}

/** Somebody proposes a change. */
export class ProposeChange extends Command<Proposed> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly proposal: Proposal,
  ) {
    super();
  }
}

/** Puts ids where names are, and hands the proposal to the writer. */
@CommandHandler(ProposeChange)
export class ProposeChangeHandler implements ICommandHandler<ProposeChange> {
  async execute({ tailnet, request, proposal }: ProposeChange): Promise<Proposed> {
    const changeId = changeIdOf(request.id);
    const { state } = tailnet.fold;
    // The decision reads every command before it believes that it is one.
    const commands = proposal.commands.map((command) => resolveNames(state, command)) as ProposedCommand[];
    const data = { ...proposal, changeId, commands };
    try {
      return {
        outcome: await tailnet.writer.execute({ ...request, command: { type: 'ProposeChange', data } }),
        changeId,
      };
    } catch (error) {
      throw await withMerge(error, tailnet, proposal.baseRevision, policyIn(commands));
    }
  }
}
