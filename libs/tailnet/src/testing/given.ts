import { expect } from '@jest/globals';
import type { CommandActor, CommandData, CommandEnvelope, CommandType, TailnetCommand } from '../commands.js';
import { decide } from '../decide.js';
import type { Decision, Rejection } from '../decider.js';
import type { EventData, EventType, TailnetEvent } from '../events.js';
import { evolve } from '../evolve.js';
import type { TailnetState } from '../state.js';
import { START, TailnetBuilder, theSystem } from './tailnet-builder.js';

export interface Circumstances {
  readonly by?: CommandActor;
  readonly at?: number;
  readonly id?: string;
  readonly expectedRevision?: number;
  readonly emergency?: string;
}

/** When commands are given unless a test says otherwise: later than everything that a builder has recorded. */
export const LATER = START + 86_400_000;

/** given(a tailnet).when('RenameNode', { … }, { by: theUser('alice') }).thenEvents(['NodeRenamed', { … }]) */
export const given = (tailnet: TailnetBuilder): Scenario => new Scenario(tailnet.state, undefined);

class Scenario {
  constructor(
    readonly state: TailnetState,
    private readonly decision: Decision | undefined,
  ) {}

  /** Decides the command and goes on with the state after it. */
  when<T extends CommandType>(type: T, data: CommandData[T], circumstances: Circumstances = {}): Scenario {
    const {
      by = theSystem,
      at = LATER,
      id = `when-${this.state.revision}`,
      expectedRevision,
      emergency,
    } = circumstances;
    const command = { type, data } as TailnetCommand;
    const envelope: CommandEnvelope = {
      id,
      now: at,
      actor: by,
      command,
      ...(expectedRevision !== undefined && { expectedRevision }),
      ...(emergency !== undefined && { emergency }),
    };
    const decision = decide(this.state, envelope);
    const events = decision.ok ? decision.value : [];
    const state = events.reduce((before: TailnetState, event) => {
      return evolve(before, event, { revision: before.revision + 1, recordedAt: at, commandId: id });
    }, this.state);
    return new Scenario(state, decision);
  }

  /** The last command causes exactly these events. */
  thenEvents(...expected: { [T in EventType]: readonly [T, EventData[T]] }[EventType][]): this {
    expect(this.decision).toEqual({ ok: true, value: expected.map(([type, data]) => ({ type, version: 1, data })) });
    return this;
  }

  /** The last command finds that all is so already. */
  thenNothing(): this {
    return this.thenEvents();
  }

  thenRejected(code: string, more: Partial<Rejection> = {}): this {
    expect(this.decision).toEqual({ ok: false, error: expect.objectContaining({ code, ...more }) });
    return this;
  }

  /** The events of the last command. */
  get events(): readonly TailnetEvent[] {
    expect(this.decision).toMatchObject({ ok: true });
    return this.decision?.ok ? this.decision.value : [];
  }
}
