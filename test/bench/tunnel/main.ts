// `npm run bench:tunnel`: see `--help`, or options.ts.
import { writeFileSync } from 'node:fs';
import { problemOf } from '#kernel';
import { Bed, innerAddress } from './bed.js';
import { BASE, between, type Contender, netfold, noTunnel, wireguardGo } from './contender.js';
import { type FigureName, type Figures, meaningOf } from './figures.js';
import { HELP, type Options, readOptions } from './options.js';
import { documentOf, tableOf } from './report.js';
import { requireAll } from './requirements.js';
import { Results } from './results.js';
import { ALL_SCENARIOS } from './scenarios/all-scenarios.js';
import { judge } from './targets.js';

function contendersOf({ inline, mixed, peers }: Options): readonly Contender[] {
  const [ours, base] = [netfold('worker'), wireguardGo(BASE, BASE)];
  return [
    ours,
    base,
    ...peers.map((program) => wireguardGo(program, program)),
    ...(inline ? [netfold('inline')] : []),
    ...(mixed ? [between('from netfold to it', ours, base, innerAddress(0))] : []),
    ...(mixed ? [between('from it to netfold', base, ours, innerAddress(0))] : []),
    noTunnel,
  ];
}

/** Every contender has its turn in every scenario before the next one's, and all that as often as there are rounds. */
async function run(options: Options, bed: Bed): Promise<Results> {
  const results = new Results();
  const contenders = contendersOf(options);
  const scenarios = ALL_SCENARIOS.filter(({ name }) => options.only.includes(name));
  const turns = Array.from({ length: options.rounds }, (_, round) =>
    scenarios.flatMap((scenario) =>
      contenders.filter(scenario.fits).map((contender) => ({ round, scenario, contender })),
    ),
  ).flat();
  for (const [index, { round, scenario, contender }] of turns.entries()) {
    const figures = await scenario.measure(bed, contender);
    results.add(contender.name, round, figures);
    console.error(`[${index + 1}/${turns.length}] ${scenario.name}, ${contender.name}: ${shown(figures)}`);
  }
  return results;
}

const shown = (figures: Figures): string =>
  Object.entries(figures)
    .map(([figure, value]) => `${figure} ${value.toFixed(meaningOf(figure as FigureName).digits)}`)
    .join(', ');

function giveUp(error: unknown, code: number): never {
  const { code: name, message, hint } = problemOf(error);
  console.error(`bench:tunnel: ${name}: ${message}${hint ? `\n  ${hint}` : ''}`);
  if (error instanceof Error && error.cause) console.error(`  ${problemOf(error.cause).message}`);
  process.exit(code);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(HELP);
  requireAll(options.peers);
  const bed = Bed.open(options);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      console.error(`bench:tunnel: ${signal}, taking down the namespaces`);
      void bed.close().finally(() => process.exit(code));
    });
  }
  try {
    const results = await run(options, bed);
    const verdicts = judge(results, options.peers);
    console.log(tableOf(results, verdicts));
    if (options.json) {
      writeFileSync(options.json, `${JSON.stringify(documentOf(options, results, verdicts), null, 2)}\n`);
    }
  } finally {
    await bed.close();
  }
}

await main().catch((error) => giveUp(error, 1));
