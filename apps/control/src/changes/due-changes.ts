import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Actor } from '#event-store';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { Change, ProposedCommand, TailnetCommand } from '#tailnet';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { Ledger } from '../ledger/ledger.js';
import { kindOf } from '../problems/problem-kind.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { ApplyChange } from './apply-change.js';
import { planUndo } from './plan-undo.js';

const SYSTEM: Actor = { kind: 'system', id: 'housekeeper' };

/**
 * Applies changes at their time, and takes temporary ones back at theirs. What was done stands in the ledger, so that
 * it is done once, whenever and how often it is tried; what cannot be done is marked as failed.
 */
@Injectable()
export class DueChanges {
  constructor(
    private readonly bus: CommandBus,
    private readonly ledger: Ledger,
  ) {}

  /** @param now milliseconds since the Unix epoch */
  async tend(tailnet: Tailnet, now: number): Promise<void> {
    const changes = [...tailnet.fold.state.changes.byId.values()];
    for (const change of changes) {
      if (change.stage === 'open' && isPast(change.scheduledFor, now)) await this.#apply(tailnet, change);
      if (change.stage === 'applied' && isPast(change.applied?.until ?? null, now))
        await this.#end(tailnet, change, now);
    }
  }

  async #apply(tailnet: Tailnet, { id, scheduledFor }: Change): Promise<void> {
    const expectedRevision = tailnet.fold.state.revision;
    const request = { id: `scheduled-${id}-${scheduledFor}`, actor: SYSTEM, expectedRevision };
    await this.#try(tailnet, id, expectedRevision, () => this.bus.execute(new ApplyChange(tailnet, request, id)));
  }

  async #end(tailnet: Tailnet, { id, applied }: Change, now: number): Promise<void> {
    if (!applied) return;
    const { revision } = tailnet.fold.state;
    const isEmpty = applied.last < applied.first;
    const plan = isEmpty ? undefined : await planUndo(this.ledger.store, tailnet, applied, revision, now);
    const commands: readonly ProposedCommand[] = plan?.ok ? plan.value : [];
    if (plan && !plan.ok) return this.#fail(tailnet, id, revision, plan.error);
    const command: TailnetCommand = { type: 'ExpireChange', data: { changeId: id, commands } };
    const request = { id: `expiry-${id}`, actor: SYSTEM, expectedRevision: revision, command };
    await this.#try(tailnet, id, revision, () => this.bus.execute(new ChangeTailnet(tailnet, request)));
  }

  async #try(tailnet: Tailnet, changeId: string, revision: number, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const problem = problemOf(error);
      // Lapsed approvals have taken the change off the schedule; reviewers see it as open.
      if (problem.code === 'change.approvals_lapsed') return;
      if (!isDecided(error, problem)) throw error;
      await this.#fail(tailnet, changeId, revision, problem);
    }
  }

  /** Only if nothing has happened since: otherwise the next look tries again. */
  async #fail(tailnet: Tailnet, changeId: string, expectedRevision: number, problem: Problem): Promise<void> {
    const { code, message } = problem;
    const command: TailnetCommand = { type: 'FailChange', data: { changeId, code, message } };
    const id = `failure-${changeId}-${expectedRevision}`;
    await this.bus.execute(new ChangeTailnet(tailnet, { id, actor: SYSTEM, expectedRevision, command }));
  }
}

const isPast = (at: number | null, now: number): boolean => at !== null && at <= now;

/** Whether the change itself was refused, and not this attempt at it. */
const isDecided = (error: unknown, problem: Problem): boolean =>
  error instanceof NetfoldError &&
  !['stale', 'unavailable', 'internal'].includes(kindOf(problem)) &&
  !problem.code.startsWith('conflict.');
