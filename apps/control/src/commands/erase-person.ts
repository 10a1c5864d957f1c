import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { NetfoldError } from '#kernel';
import type { TailnetState } from '#tailnet';
import { People } from '../personal-data/people.js';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** Somebody is to be known to nobody any more. */
export class ErasePerson extends Command<WriteOutcome> {
  /** @param named a user's id or login, or the e-mail address of somebody whom a policy or a group names */
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly state: TailnetState,
    readonly named: string,
  ) {
    super();
  }
}

/** Records the erasure, and answers when this server has forgotten: the key is gone, and so is what was worked out with it. */
@CommandHandler(ErasePerson)
export class ErasePersonHandler implements ICommandHandler<ErasePerson> {
  constructor(private readonly people: People) {}

  /** @throws NetfoldError `user.unknown`, and what the domain refuses */
  async execute({ tailnet, request, state, named }: ErasePerson): Promise<WriteOutcome> {
    const earlier = state.outcomes.revisionOf(request.id);
    if (earlier !== undefined) return { revision: earlier, events: [] }; // who it was about is not found any more
    const user = state.users.get(named) ?? state.users.get(state.userByLogin.get(named.toLowerCase()) ?? '');
    const personId = await this.people.keys.idOf(user?.login ?? named);
    if (personId === undefined) throw nobody(named);
    const data = { personId, ...(user && { userId: user.id }) };
    const outcome = await tailnet.writer.execute({ ...request, command: { type: 'ErasePerson', data } });
    await tailnet.fold.reached(outcome.revision);
    await tailnet.forgotten;
    return outcome;
  }
}

const nobody = (named: string): NetfoldError =>
  new NetfoldError({
    code: 'user.unknown',
    message: `the ledger knows nobody called ${JSON.stringify(named)}`,
    where: 'user',
    hint: 'name the e-mail address in full; who was erased already is not found again',
  });
