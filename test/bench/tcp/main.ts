// `npm run bench:tcp`: what the userspace TCP carries between two stacks in one process, beside the kernel's loopback.
// Every segment is written, summed, copied once and checked; nothing is encrypted.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { medianOf } from '../median.js';
import { kernelTransfer } from './kernel-floor.js';
import { transfer } from './transfer.js';

const HELP = `npm run bench:tcp [-- OPTIONS]

What the userspace TCP carries between two stacks in one process, without delay and at a round trip of 20 ms, and what the
kernel carries between two sockets of the same process: the limit. In turns; medians.

  --json FILE   writes every figure of every round to this file
  --rounds N    how often each has its turn (5)
  --help        this text`;

const MEGABYTE = 1 << 20;
/** What is to be reached, Mbit/s. */
const MEASURED = [
  { name: 'MTU 1280, no delay', target: 400, run: () => transfer({ mtu: 1280, bytes: 128 * MEGABYTE, roundTrip: 0 }) },
  { name: 'MTU 1420, no delay', target: 400, run: () => transfer({ mtu: 1420, bytes: 128 * MEGABYTE, roundTrip: 0 }) },
  { name: 'MTU 1280, 20 ms', target: 100, run: () => transfer({ mtu: 1280, bytes: 48 * MEGABYTE, roundTrip: 20 }) },
  { name: "the kernel's loopback", target: undefined, run: () => kernelTransfer(1024 * MEGABYTE) },
] as const;

function optionsOf(): { readonly json: string | undefined; readonly rounds: number } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return undefined;
    if (!/^[1-9]\d{0,3}$/.test(values.rounds)) throw new Error('--rounds takes a whole number of at least 1');
    return { json: values.json, rounds: Number(values.rounds) };
  } catch (error) {
    console.error(`bench:tcp: ${error instanceof Error ? error.message : String(error)}`);
    console.error('  npm run bench:tcp -- --help tells which options there are');
    process.exit(2);
  }
}

async function main(json: string | undefined, rounds: number): Promise<void> {
  const runs = MEASURED.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, run }] of MEASURED.entries()) {
      const rate = await run();
      runs[index]?.push(rate);
      console.error(`[${round + 1}/${rounds}] ${name}: ${Math.round(rate)} Mbit/s`);
    }
  }
  const limit = medianOf(runs.at(-1) ?? []) ?? Number.NaN;
  const figures = MEASURED.map(({ name, target }, index) => {
    const median = medianOf(runs[index] ?? []) ?? Number.NaN;
    const met = target === undefined ? null : median >= target;
    return { name, median, toKernel: median / limit, target: target ?? null, met, runs: runs[index] };
  });
  console.log(
    `${'median, Mbit/s'.padEnd(24)}${'is'.padStart(8)}${'of the kernel'.padStart(16)}${'wanted'.padStart(10)}`,
  );
  for (const { name, median, toKernel, target, met } of figures) {
    const wanted = target === null ? '' : `>= ${target}`.padStart(10) + (met ? '     met' : '  MISSED');
    console.log(
      `${name.padEnd(24)}${String(Math.round(median)).padStart(8)}${`${(100 * toKernel).toFixed(1)} %`.padStart(16)}${wanted}`,
    );
  }
  if (json) writeFileSync(json, `${JSON.stringify({ benchmark: 'tcp', version: 1, rounds, figures }, null, 2)}\n`);
}

const options = optionsOf();
if (options) await main(options.json, options.rounds);
else console.log(HELP);
