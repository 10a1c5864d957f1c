import { once } from 'node:events';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { Stage } from './stage.js';
import type { Figures, Step } from './step.js';
import { joinStep } from './steps/join.js';
import { ledgerStep } from './steps/ledger.js';
import { pingStep } from './steps/ping.js';
import { policyStep } from './steps/policy.js';
import { rotateStep } from './steps/rotate.js';
import { routeStep } from './steps/route.js';

export const SCENARIO: readonly Step[] = [joinStep, pingStep, policyStep, rotateStep, routeStep, ledgerStep];

/** What became of a step. */
export interface StepOutcome extends Figures {
  readonly name: string;
  readonly ok: boolean;
  /** Milliseconds that it took. */
  readonly duration: number;
  readonly problem?: Problem;
}

/** Who watches the scenario. */
export interface Audience {
  begins(step: Step): void;
  tells(line: string): void;
  ends(outcome: StepOutcome): void;
}

/** Plays the steps in order; one that fails ends the scenario, because those after it build on it. */
export async function play(stage: Stage, audience: Audience, stop: AbortSignal): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const step of SCENARIO) {
    if (stop.aborted) break;
    audience.begins(step);
    const outcome = await playStep(step, stage, audience, stop);
    outcomes.push(outcome);
    audience.ends(outcome);
    if (!outcome.ok) break;
  }
  return outcomes;
}

async function playStep(step: Step, stage: Stage, audience: Audience, stop: AbortSignal): Promise<StepOutcome> {
  const { name } = step;
  const started = performance.now();
  const duration = () => Math.round(performance.now() - started);
  try {
    const figures = await Promise.race([step.run(stage, (line) => audience.tells(line)), interruption(stop)]);
    return { name, ok: true, duration: duration(), ...figures };
  } catch (error) {
    return { name, ok: false, duration: duration(), problem: problemOf(error) };
  }
}

/** Fails when the person does not want to see the rest. */
async function interruption(stop: AbortSignal): Promise<never> {
  if (!stop.aborted) await once(stop, 'abort');
  throw new NetfoldError({ code: 'quickstart.interrupted', message: 'interrupted' });
}
