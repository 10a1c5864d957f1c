// `npm run bench:tunnel`: see `--help`, or options.ts.
import { NetfoldError, problemOf } from '#kernel';
import { Bed, innerAddress } from './bed.js';
import { BASE, between, type Contender, netfold, noTunnel, wireguardGo } from './contender.js';
import { type FigureName, type Figures, meaningOf } from './figures.js';
import { JsonFile } from './json-file.js';
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
async function run(options: Options, bed: Bed, results: Results): Promise<void> {
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
}

/** What there is, were it not all. */
function report(options: Options, results: Results, file: JsonFile | undefined): void {
  if (results.figures.length === 0) return;
  const verdicts = judge(results, options.peers);
  console.log(tableOf(results, verdicts));
  file?.write(documentOf(options, results, verdicts));
}

const shown = (figures: Figures): string =>
  Object.entries(figures)
    .map(([figure, value]) => `${figure} ${value.toFixed(meaningOf(figure as FigureName).digits)}`)
    .join(', ');

function giveUp(error: unknown): never {
  const { code, message, hint } = problemOf(error);
  console.error(`bench:tunnel: ${code}: ${message}${hint ? `\n  ${hint}` : ''}`);
  if (error instanceof Error && error.cause) console.error(`  ${problemOf(error.cause).message}`);
  process.exit(code === 'bench.interrupted' ? 130 : 1);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(HELP);
  requireAll(options.peers);
  const file = options.json === undefined ? undefined : JsonFile.open(options.json);
  const bed = Bed.open(options);
  const results = new Results();
  try {
    await Promise.race([run(options, bed, results), interruption()]);
  } finally {
    try {
      report(options, results, file);
    } finally {
      await bed.close();
    }
  }
}

/** Ends what is waited for when the run is to end: what was measured until then is reported, and nothing stays behind. */
const interruption = (): Promise<never> =>
  new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        const message = `${signal}: what follows is not measured any more`;
        reject(new NetfoldError({ code: 'bench.interrupted', message }));
      });
    }
  });

await main().catch(giveUp);
