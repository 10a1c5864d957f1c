// `npm run test:cluster`: control replicas in processes of their own, on one store and one Kafka, with agents and admins,
// while one thing after the other goes wrong; afterwards a checker says whether the laws of README.md held.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './cluster.js';
import { checkHistory } from './history/check-history.js';
import { type Round, scheduleOf } from './nemesis/schedule.js';
import { type RunOptions, readOptions, USAGE } from './options.js';
import { contents, roundLine, scheduleLines, table } from './report.js';
import { Run } from './run.js';

const started = performance.now();
const say = (line: string) =>
  console.log(`[${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s] ${line}`);

/** So many violations of one law are shown; more say the same. */
const SHOWN = 5;

/** @returns whether all laws held */
async function play(
  options: RunOptions,
  schedule: readonly Round[],
  stops: (() => Promise<unknown>)[],
  folder: string,
) {
  const cluster = new Cluster(folder);
  stops.push(() => cluster.stop());
  await cluster.start(options.replicas, options.kafka);
  say(`${options.replicas} replicas serve${cluster.kafka ? ', with Kafka' : ''}`);
  const run = await Run.start(cluster, options, stops);
  await run.join();
  say(`${options.agents} agents joined`);
  for (const [i, round] of schedule.entries()) {
    if (options.plant && i === schedule.length >> 1) await cluster.store.misbehave([options.plant]);
    const result = await run.play(round);
    say(roundLine(result));
    if (result.stuck !== undefined) break; // what is stuck is worth a look as it is
  }
  const history = await run.history();
  say(`checking ${contents(history)}`);
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history));
  const violations = await checkHistory(history);
  for (const { stuck } of run.results)
    if (stuck !== undefined) violations.push({ law: 'all agree at last', what: stuck });
  for (const line of table(run.results, history)) console.log(line);
  for (const [law, broken] of Map.groupBy(violations, ({ law }) => law)) {
    console.log(`VIOLATED: ${law}, ${broken.length} times`);
    for (const { what } of broken.slice(0, SHOWN)) console.log(`  ${what}`);
  }
  return violations.length === 0;
}

async function main(words: readonly string[]): Promise<number> {
  let options: RunOptions;
  try {
    options = readOptions(words);
  } catch (error) {
    console.error(`test:cluster: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const schedule = scheduleOf(options);
  console.log(`seed ${options.seed}: ${options.rounds} rounds`);
  for (const line of scheduleLines(schedule)) console.log(line);
  const folder = mkdtempSync(join(tmpdir(), 'netfold-cluster-'));
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one().catch((error: unknown) => console.error(error));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(1)));
  let held = false;
  try {
    held = await play(options, schedule, stops, folder);
    say(held ? `all laws held (seed ${options.seed})` : `laws were broken (seed ${options.seed})`);
  } catch (error) {
    console.error(`test:cluster: ${error instanceof Error ? error.stack : error}`);
  } finally {
    await stop();
  }
  if (held && !options.keep) rmSync(folder, { recursive: true });
  else console.log(`what the processes left: ${folder}`);
  return held ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
