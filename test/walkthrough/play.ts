import { once } from 'node:events';
import { problemOf } from '#kernel';
import { until } from '../netns/lab/until.js';
import type { Outcome } from './outcome.js';
import type { Stage } from './stage.js';
import type { Chapter, Step } from './step.js';

/** How long what is on its way may take on a busy machine, in milliseconds. */
const SOON = 120_000;

export interface Score {
  passed: number;
  failed: number;
}

/** Plays the chapters in order; after a step that fails the others are still played. */
export async function play(stage: Stage, chapters: readonly Chapter[], score: Score): Promise<void> {
  for (const { title, steps } of chapters) {
    console.log(`\n== ${title}`);
    for (const step of steps) {
      const isAsExpected = await perform(stage, step, score.passed + score.failed + 1);
      score[isAsExpected ? 'passed' : 'failed']++;
    }
  }
}

async function perform(stage: Stage, step: Step, number: number): Promise<boolean> {
  const started = performance.now();
  let command = '';
  let outcome: Outcome = { code: undefined, output: '' };
  let wrong: readonly string[];
  try {
    command = typeof step.command === 'string' ? step.command : await step.command(stage);
    outcome = await run(stage, step, command, number);
    wrong = missing(step, outcome).map((says) => `it should be that it ${says}`);
  } catch (error) {
    wrong = [problemOf(error).message];
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\n${step.on}# ${command}`);
  for (const printed of outcome.output.trimEnd().split('\n')) console.log(`    ${printed}`);
  console.log(`${wrong.length === 0 ? 'PASS' : 'FAIL'} ${number}. ${step.title} (${seconds} s)`);
  for (const sentence of wrong) console.log(`     ${sentence}`);
  return wrong.length === 0;
}

const missing = (step: Step, outcome: Outcome): string[] =>
  step.expect.filter(({ holds }) => !holds(outcome)).map(({ says }) => says);

async function run(stage: Stage, step: Step, command: string, number: number): Promise<Outcome> {
  if (step.person) return withPerson(stage, step, step.person, command, number);
  if (step.stays) return staying(stage, step, command, number);
  return repeated(step, () => stage.type(step.on, command));
}

/** The first outcome that is as expected, or the last one. */
async function repeated(step: Step, look: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await look();
  const isAsExpected = () => missing(step, outcome).length === 0;
  if (isAsExpected() || !(step.soon || step.stays)) return outcome;
  await until(
    step.title,
    async () => {
      outcome = await look();
      return isAsExpected();
    },
    SOON,
  ).catch(() => {});
  return outcome;
}

function staying(stage: Stage, step: Step, command: string, number: number): Promise<Outcome> {
  const running = stage.start(step.on, `step-${number}`, command);
  return repeated(step, async () => ({ code: running.process.exitCode ?? undefined, output: running.output() }));
}

async function withPerson(
  stage: Stage,
  { on, title }: Step,
  person: NonNullable<Step['person']>,
  command: string,
  number: number,
): Promise<Outcome> {
  const running = stage.start(on, `step-${number}`, command);
  const ended = once(running.process, 'close');
  const link = await until(`a link: ${title}`, async () => /https:\S+(?=\s)/.exec(running.output())?.[0]);
  await person(stage, link);
  const patience = setTimeout(() => running.process.kill(), SOON);
  const [code] = await ended;
  clearTimeout(patience);
  return { code: code ?? 1, output: running.output() };
}
