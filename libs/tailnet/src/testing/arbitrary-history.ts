import fc from 'fast-check';
import { toBase64 } from '#kernel';
import type { CommandEnvelope } from '../commands.js';
import { decide } from '../decide.js';
import { evolve } from '../evolve.js';
import { initialState, type TailnetState } from '../state.js';
import { MAKERS, type Step } from './random-command.js';
import type { RecordedEvent } from './recorded-event.js';
import { samplePolicy } from './sample-policies.js';
import type { Chosen } from './situation.js';
import { loginOf, START, theSystem, userId } from './tailnet-builder.js';

/** What was asked for, and what came of it. */
export interface History {
  /** The accepted commands, each with the revision that the tailnet had before it. */
  readonly accepted: readonly { readonly envelope: CommandEnvelope; readonly before: number }[];
  readonly rejected: readonly { readonly envelope: CommandEnvelope; readonly code: string }[];
  readonly events: readonly RecordedEvent[];
  /** After the last event. */
  readonly state: TailnetState;
}

export interface HistoryOptions {
  /** How many commands at most, on the way to which it shrinks; about as many events come of them. 200 by default. */
  readonly steps?: number;
  /** How many commands at least. 0 by default. */
  readonly minSteps?: number;
  /** How many nodes there may be at once. 24 by default. */
  readonly nodes?: number;
}

/** How often each kind of step is taken, in relation to the others. */
const WEIGHTS: Readonly<Record<Step['kind'], number>> = {
  join: 14,
  rejoin: 3,
  issueKey: 2,
  revokeKey: 1,
  addUser: 4,
  changeRole: 2,
  nameUser: 1,
  suspendUser: 1,
  resumeUser: 2,
  removeUser: 1,
  erasePerson: 1,
  syncGroup: 2,
  issueToken: 1,
  revokeToken: 1,
  approve: 8,
  rename: 3,
  tag: 4,
  rotate: 6,
  expire: 2,
  setExpiry: 3,
  hostname: 3,
  remove: 2,
  advertise: 8,
  approveRoute: 6,
  revokeRoute: 2,
  publish: 4,
  configureDns: 2,
  changeSettings: 1,
  raiseFloor: 1,
  expireDue: 2,
  setRules: 1,
  propose: 6,
  review: 6,
  lapse: 1,
  schedule: 1,
  apply: 4,
  withdraw: 1,
  expireChange: 2,
  fail: 1,
  override: 2,
  acknowledge: 1,
};

const HOUR = 3_600_000;

/**
 * Random histories of one tailnet: commands that make sense where they come, nearly all of them accepted, and the events
 * that come of them. The same seed gives the same history, and a failing one shrinks to few commands.
 */
export function arbitraryHistory({
  steps = 200,
  minSteps = 0,
  nodes = 24,
}: HistoryOptions = {}): fc.Arbitrary<History> {
  return fc.array(arbitraryStep, { minLength: minSteps, maxLength: steps, size: 'max' }).map((all) => live(all, nodes));
}

const choice = fc.nat(0xffff);

const arbitraryStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(WEIGHTS).map(([kind, weight]) => ({ arbitrary: fc.constant(kind as Step['kind']), weight })),
  ),
  a: choice,
  b: choice,
  c: choice,
});

const BEGINNING: readonly Chosen['command'][] = [
  {
    type: 'CreateTailnet',
    data: {
      tailnetId: 'random',
      name: 'Random',
      dnsSuffix: 'random.internal',
      ulaBytes: toBase64(Uint8Array.of(1, 2, 3, 4, 5)),
    },
  },
  { type: 'AddUser', data: { userId: userId('user0'), login: loginOf('user0'), displayName: 'Zero', role: 'owner' } },
  { type: 'PublishAcl', data: { text: samplePolicy(0b1010) } },
];

function live(steps: readonly Step[], maxNodes: number): History {
  const life = new Life();
  for (const command of BEGINNING) life.take({ command, actor: theSystem });
  steps.forEach((step, serial) => {
    life.pass((step.c % 24) * HOUR);
    const chosen = MAKERS[step.kind]({ ...step, state: life.state, now: life.now, serial, maxNodes });
    if (chosen) life.take(chosen);
  });
  return life;
}

class Life implements History {
  readonly accepted: { envelope: CommandEnvelope; before: number }[] = [];
  readonly rejected: { envelope: CommandEnvelope; code: string }[] = [];
  readonly events: RecordedEvent[] = [];
  state = initialState;
  now = START;

  pass(milliseconds: number): void {
    this.now += milliseconds;
  }

  take({ command, actor, emergency }: Chosen): void {
    const id = `command-${this.accepted.length + this.rejected.length}`;
    const envelope: CommandEnvelope = {
      id,
      now: this.now,
      actor,
      command,
      ...(emergency !== undefined && { emergency }),
    };
    const decision = decide(this.state, envelope);
    if (!decision.ok) {
      this.rejected.push({ envelope, code: decision.error.code });
      return;
    }
    this.accepted.push({ envelope, before: this.state.revision });
    for (const event of decision.value) {
      const meta = { revision: this.state.revision + 1, recordedAt: this.now, commandId: id };
      this.events.push({ event, meta });
      this.state = evolve(this.state, event, meta);
    }
  }
}
