import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { NetfoldError } from '#kernel';
import { type ProposedCommand, type RevertObstacle, type TailnetState, type Undone, upcast } from '#tailnet';
import { SystemClock } from '../config/system-clock.js';
import { describeEvent } from '../ledger/describe-event.js';
import { Ledger } from '../ledger/ledger.js';
import { DetailedProblem } from '../problems/detailed-problem.js';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { atHead } from './at-head.js';
import { changeIdOf } from './change-id.js';
import { findChange } from './find-change.js';
import { planUndo, type UndoRange } from './plan-undo.js';

/** What somebody wants taken back, and how they call that. */
export interface UndoWish {
  readonly undone: Undone;
  readonly title?: string | undefined;
  readonly reason: string;
}

/** A change that takes something back was proposed. */
export interface ProposedUndo {
  readonly outcome: WriteOutcome;
  readonly changeId: string;
}

/** Somebody wants something taken back: it is proposed, as any change is. */
export class ProposeUndo extends Command<ProposedUndo> {
  constructor(
    readonly tailnet: Tailnet,
    readonly request: Omit<WriteRequest, 'command'>,
    readonly wish: UndoWish,
  ) {
    super();
  }
}

interface Target extends UndoRange {
  readonly undone: Undone;
  readonly title: string;
}

/** Finds the commands that take it back, as the tailnet is now, or says what stands in the way. */
@CommandHandler(ProposeUndo)
export class ProposeUndoHandler implements ICommandHandler<ProposeUndo> {
  constructor(
    private readonly clock: SystemClock,
    private readonly ledger: Ledger,
  ) {}

  async execute({ tailnet, request, wish }: ProposeUndo): Promise<ProposedUndo> {
    const changeId = changeIdOf(request.id);
    const outcome = await atHead(tailnet, request, async (state) => {
      const { undone, title, ...range } = await this.#targetOf(tailnet, state, wish.undone);
      const commands = await this.#plan(tailnet, state, range);
      const named = { title: wish.title ?? title, reason: wish.reason };
      const data = { changeId, ...named, commands, baseRevision: state.revision, lasts: null, reverts: undone };
      return { type: 'ProposeChange', data };
    });
    return { outcome, changeId };
  }

  async #plan(tailnet: Tailnet, { revision }: TailnetState, range: UndoRange): Promise<readonly ProposedCommand[]> {
    const plan = await planUndo(this.ledger.store, tailnet, range, revision, this.clock.now());
    if (!plan.ok) throw inTheWay(plan.error);
    if (plan.value.length > 0) return plan.value;
    throw new NetfoldError({ code: 'revert.nothing_left', message: 'there is nothing left of it to take back' });
  }

  async #targetOf(tailnet: Tailnet, state: TailnetState, undone: Undone): Promise<Target> {
    if ('changeId' in undone) return changeTarget(state, undone.changeId);
    const { revision } = undone;
    for await (const event of this.ledger.store.read(tailnet.stream, { from: revision, limit: 1 })) {
      const known = upcast(event);
      if (known?.type === 'ChangeApplied') return changeTarget(state, known.data.changeId);
      const title = titled(`take back ${revision}: ${describeEvent(event, tailnet.names)}`);
      return { undone, title, first: revision, last: revision };
    }
    throw new NetfoldError({
      code: 'history.no_such_revision',
      message: `there is no revision ${revision}: the newest one is ${state.revision}`,
      hint: 'netfold log shows what there is',
    });
  }
}

const MAX_TITLE = 100;

const titled = (text: string): string => (text.length > MAX_TITLE ? `${text.slice(0, MAX_TITLE - 1)}…` : text);

function changeTarget(state: TailnetState, changeId: string): Target {
  const { applied, stage, title } = findChange(state, changeId);
  if (!applied || stage !== 'applied') {
    const hint = stage === 'open' ? `withdraw it: netfold change withdraw ${changeId}` : undefined;
    const message = applied
      ? `the change ${changeId} is over already (${stage})`
      : `the change ${changeId} was never applied`;
    throw new NetfoldError({ code: 'change.not_applied', message, ...(hint && { hint }) });
  }
  if (applied.last < applied.first) {
    throw new NetfoldError({ code: 'revert.nothing_left', message: 'all was so already when it was applied' });
  }
  const { first, last } = applied;
  return { undone: { changeId }, title: titled(`take back ${changeId}: ${title}`), first, last };
}

const inTheWay = ({ event, later, ...problem }: RevertObstacle): DetailedProblem =>
  new DetailedProblem(problem, { event: { ...event }, later: later.map((one) => ({ ...one })) });
