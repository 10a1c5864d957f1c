// `npm run walkthrough`: the getting-started guide, typed word for word on machines that are network namespaces, with
// a real browser where a person signs in. The last line is: N passed, M failed.
import { problemOf } from '#kernel';
import { Lab } from '../netns/lab/lab.js';
import { ALL_CHAPTERS } from './chapters/all-chapters.js';
import { play } from './play.js';
import { requireAll } from './requirements.js';
import { Stage } from './stage.js';

const score = { passed: 0, failed: 0 };

async function main(): Promise<void> {
  requireAll();
  const lab = Lab.open();
  let stage: Stage | undefined;
  const show = async () => {
    stage = await Stage.open(lab);
    await play(stage, ALL_CHAPTERS, score);
  };
  try {
    await Promise.race([show(), interruption()]);
  } finally {
    await (stage ?? lab).close();
  }
}

/** Rejects when the run is to end: what was started is ended too. */
const interruption = (): Promise<never> =>
  new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => reject(new Error(`${signal}: the rest is left out`)));
    }
  });

try {
  await main();
} catch (error) {
  const { message, hint } = problemOf(error);
  console.error(`walkthrough: ${message}${hint ? `\n  ${hint}` : ''}`);
  if (error instanceof Error && error.cause) console.error(`  ${problemOf(error.cause).message}`);
  score.failed++;
}
console.log(`\n${score.passed} passed, ${score.failed} failed`);
process.exit(score.failed === 0 && score.passed > 0 ? 0 : 1);
