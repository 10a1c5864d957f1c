// `npm run bench:ledger -- --events N [--json FILE]`: what the ledger costs: appending, folding, starting, looking back;
// beside the floor: reading the rows of the same file in the same run.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Figures, measure } from './measure.js';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, json: { type: 'string' } },
});
const events = Number(values.events);
if (!Number.isInteger(events) || events < 10_000) {
  console.error('bench:ledger: --events takes a whole number of at least 10000');
  process.exit(2);
}

const figures = await measure(events, (line) => console.error(`  ${line}`));
if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
for (const [what, value] of table(figures)) console.log(what.padEnd(52) + value.padStart(30));

function table(f: Figures): [string, string][] {
  const rate = (ms: number) => `${Math.round(f.events / (ms / 1000)).toLocaleString('en')} events/s`;
  const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const beside = (value: number) => `${rate(value)}  ${(value / f.floor).toFixed(1)}x`;
  return [
    [`${f.events} events, 1,000 nodes`, `${mib(f.ledgerBytes)}`],
    ['floor: read all rows', beside(f.floor)],
    ['append, durable, 512 at a time', beside(f.append)],
    ['read as events', beside(f.read)],
    ['fold', beside(f.fold)],
    ['start without snapshots (and take them)', `${ms(f.startWithout)}  ${(f.startWithout / f.floor).toFixed(1)}x`],
    ['start with them', `${ms(f.startWith)}  ${(f.startWith / f.floor).toFixed(3)}x`],
    ['first look back', ms(f.firstLook)],
    [`${f.looks} random moments: p50, p99, worst`, [f.p50, f.p99, f.worst].map(ms).join(', ')],
    ['one snapshot: to take, to keep', `${ms(f.save)}, ${mib(f.snapshotBytes)}`],
    [`${f.snapshots} snapshots`, `${mib(f.cacheBytes)} (${Math.round((100 * f.cacheBytes) / f.ledgerBytes)} %)`],
  ];
}
