// `npm run bench:ledger -- --events N [--json FILE]`: what the ledger costs: appending, folding, starting, looking back;
// beside the floor: reading the rows of the same file in the same run.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Figures, measure, type Took } from './measure.js';

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
const columns = [44, 12, 12, 18, 14];
const line = (cells: readonly string[]) =>
  cells.map((cell, i) => (i ? cell.padStart(columns[i] ?? 0) : cell.padEnd(columns[0] ?? 0)));
console.log(line(['', 'wall', 'CPU', 'events/CPU-s', 'to the floor']).join(''));
for (const row of table(figures)) console.log(line(row).join(''));
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
console.log(
  `ledger: ${mib(figures.ledgerBytes)}; ${figures.snapshots} snapshots: ${mib(figures.cacheBytes)} in all, the last ${mib(figures.snapshotBytes)}`,
);

function table(f: Figures): string[][] {
  const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const cost = ({ wall, cpu }: Took) => [ms(wall), ms(cpu)];
  const rated = (took: Took) => [
    ...cost(took),
    Math.round(f.events / (took.cpu / 1_000)).toLocaleString('en'),
    `${(took.cpu / f.floor.cpu).toFixed(2)}x`,
  ];
  return [
    ['read all rows (the floor)', ...rated(f.floor)],
    ['make up, seal, append 512 at a time, durable', ...rated(f.append)],
    ['read as events', ...rated(f.read)],
    ['fold', ...rated(f.fold)],
    ['start without snapshots, and take them', ...rated(f.startWithout)],
    ['start with them', ...rated(f.startWith)],
    ['first look back', ...cost(f.firstLook)],
    [`${f.looks} random moments: p50`, ...cost(f.p50)],
    ['  p99', ...cost(f.p99)],
    ['  worst', ...cost(f.worst)],
    ['take one snapshot', ...cost(f.save)],
  ];
}
