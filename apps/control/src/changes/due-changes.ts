import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Actor } from '#event-store';
import { type Clock, NetfoldError, problemOf } from '#kernel';
import type { Change, ProposedCommand, TailnetCommand } from '#tailnet';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import { SystemClock } from '../config/system-clock.js';
import { Ledger } from '../ledger/ledger.js';
import { kindOf } from '../problems/problem-kind.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { ApplyChange } from './apply-change.js';
import { atHead } from './at-head.js';
import { planUndo } from './plan-undo.js';
import { whyOf } from './why-of.js';

const SYSTEM: Actor = { kind: 'system', id: 'housekeeper' };

/**
 * Applies changes at their time, and takes temporary ones back at theirs. What was done stands in the ledger, so that
 * it is done once, whenever and how often it is tried; what cannot be done is marked as failed.
 */
@Injectable()
export class DueChanges {
  readonly #clock: Clock;

  constructor(
    private readonly bus: CommandBus,
    private readonly ledger: Ledger,
    clock: SystemClock,
  ) {
    this.#clock = clock;
  }

  /** @param now milliseconds since the Unix epoch */
  async tend(tailnet: Tailnet, now: number): Promise<void> {
    for (const change of [...tailnet.fold.state.changes.byId.values()]) {
      const { stage, scheduledFor, applied } = change;
      if (stage === 'open' && isPast(scheduledFor, now)) await this.#apply(tailnet, change);
      if (stage === 'applied' && isPast(applied?.until ?? null, now)) await this.#end(tailnet, change);
    }
  }

  #apply(tailnet: Tailnet, { id, scheduledFor }: Change): Promise<void> {
    const request = { id: `scheduled-${id}-${scheduledFor}`, actor: SYSTEM };
    return this.#try(tailnet, id, 'open', () => this.bus.execute(new ApplyChange(tailnet, request, id)));
  }

  #end(tailnet: Tailnet, change: Change): Promise<void> {
    const { id } = change;
    const expire = () =>
      atHead(tailnet, { id: `expiry-${id}`, actor: SYSTEM, reason: whyOf(change) }, async ({ revision }) => {
        const commands = await this.#undoing(tailnet, change, revision);
        return { type: 'ExpireChange', data: { changeId: id, commands } };
      });
    return this.#try(tailnet, id, 'applied', expire);
  }

  async #undoing(tailnet: Tailnet, { applied }: Change, head: number): Promise<readonly ProposedCommand[]> {
    if (!applied || applied.last < applied.first) return [];
    const plan = await planUndo(this.ledger.store, tailnet, applied, head, this.#clock.now());
    if (plan.ok) return plan.value;
    throw new NetfoldError(plan.error);
  }

  async #try(
    tailnet: Tailnet,
    changeId: string,
    stage: 'open' | 'applied',
    act: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { code, message } = problemOf(error);
      // Lapsed approvals have taken the change off the schedule; reviewers see it as open.
      if (code === 'change.approvals_lapsed' || isTooLate(code)) return;
      if (!isRefusal(error)) throw error;
      const command: TailnetCommand = { type: 'FailChange', data: { changeId, stage, code, message } };
      await this.bus.execute(
        new ChangeTailnet(tailnet, { id: `failure-${changeId}-${stage}`, actor: SYSTEM, command }),
      );
    }
  }
}

const isPast = (at: number | null, now: number): boolean => at !== null && at <= now;

/** Whether somebody else was faster every time; the next look tries again. */
const isTooLate = (code: string): boolean => code === 'tailnet.stale_revision' || code === 'conflict.contention';

/** Whether the change itself was refused, and not this attempt at it. */
const isRefusal = (error: unknown): boolean =>
  error instanceof NetfoldError && !['unavailable', 'internal'].includes(kindOf(error));
