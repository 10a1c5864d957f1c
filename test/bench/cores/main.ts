// `npm run bench:cores`: what two threads seal of one session, beside one thread, and beside two with a session each.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { medianOf } from '../median.js';
import { sealWith } from './run.js';

const HELP = `npm run bench:cores [-- OPTIONS]

How much more two threads seal than one, when both seal messages of one WireGuard session with counters that they reserve in
blocks, and when each has a session of its own: the limit. Every time, a receiver with a replay window of 8,192 takes all
of the first 4,096 messages, in the order in which they were finished. In turns; medians. It takes 2 cores.

  --json FILE    writes every figure of every round to this file
  --rounds N     how often each has its turn (5)
  --seconds N    how long a turn lasts (1)
  --help         this text`;

const WAYS = [
  { name: 'one thread', threads: 1, shared: true },
  { name: 'two, a session each', threads: 2, shared: false },
  { name: 'two, one session', threads: 2, shared: true },
] as const;
const LENGTHS = [64, 1420];

interface Options {
  readonly json: string | undefined;
  readonly rounds: number;
  readonly seconds: number;
}

function optionsOf(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return undefined;
    const whole = (name: 'rounds' | 'seconds') => {
      if (!/^[1-9]\d{0,3}$/.test(values[name])) throw new Error(`--${name} takes a whole number of at least 1`);
      return Number(values[name]);
    };
    return { json: values.json, rounds: whole('rounds'), seconds: whole('seconds') };
  } catch (error) {
    console.error(`bench:cores: ${error instanceof Error ? error.message : String(error)}`);
    console.error('  npm run bench:cores -- --help tells which options there are');
    process.exit(2);
  }
}

async function measure(length: number, { rounds, seconds }: Options) {
  const runs: number[][] = WAYS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, threads, shared }] of WAYS.entries()) {
      const rate = await sealWith(threads, shared, length, seconds);
      runs[index]?.push(rate);
      console.error(`[${round + 1}/${rounds}] ${length} bytes, ${name}: ${Math.round(rate / 1000)} thousand a second`);
    }
  }
  return WAYS.map(({ name }, index) => {
    const ratios = (runs[index] ?? []).map((rate, round) => rate / (runs[0]?.[round] ?? Number.NaN));
    const [median = Number.NaN, toOne = Number.NaN] = [medianOf(runs[index] ?? []), medianOf(ratios)];
    return { length, name, median, toOne, runs: runs[index] };
  });
}

async function main(options: Options): Promise<void> {
  const figures = [];
  for (const length of LENGTHS) figures.push(...(await measure(length, options)));
  console.log(
    `${'median of messages sealed'.padEnd(34)}${'thousand/s'.padStart(12)}${'Gbit/s'.padStart(9)}${'to one'.padStart(9)}`,
  );
  for (const { length, name, median, toOne } of figures) {
    const columns = [
      `${length} bytes, ${name}`.padEnd(34),
      (median / 1e3).toFixed(0).padStart(12),
      ((median * length * 8) / 1e9).toFixed(2).padStart(9),
      `${toOne.toFixed(2)}x`.padStart(9),
    ];
    console.log(columns.join(''));
  }
  const { json, rounds, seconds } = options;
  const document = { benchmark: 'cores', version: 1, cores: availableParallelism(), rounds, seconds, figures };
  if (json) writeFileSync(json, `${JSON.stringify(document, null, 2)}\n`);
}

const options = optionsOf();
if (!options) console.log(HELP);
else if (availableParallelism() < 2) {
  console.error('bench:cores: takes two cores, and there is one');
  process.exit(1);
} else await main(options);
