import { BASE } from './contender.js';
import { meaningOf } from './figures.js';
import type { Options } from './options.js';
import type { Results } from './results.js';
import { describeVerdict, type Verdict } from './targets.js';

/** A table of medians with ratios to Debian's wireguard-go, then the targets. */
export function tableOf(results: Results, verdicts: readonly Verdict[]): string {
  const names = results.contenders;
  const rows = results.figures.map((figure) => {
    const { title, digits, relative } = meaningOf(figure);
    const cells = names.map((name) => {
      const value = results.median(name, figure);
      const ratio = relative || name === BASE ? undefined : results.ratio(name, BASE, figure);
      if (value === undefined) return '-';
      return value.toFixed(digits) + (ratio === undefined ? '' : ` (${ratio.toFixed(2)}x)`);
    });
    return [title, ...cells];
  });
  const table = aligned([['medians, and ratios to '.concat(BASE), ...names], ...rows]);
  if (verdicts.length === 0) return table;
  return `${table}\n\n${aligned([['target', 'wanted', 'is', ''], ...verdicts.map(describeVerdict)])}`;
}

/** What `--json` writes; a change of its meaning changes its version. */
export const documentOf = (
  { rounds, seconds, mtu }: Options,
  results: Results,
  verdicts: readonly Verdict[],
): unknown => ({
  benchmark: 'tunnel',
  version: 1,
  base: BASE,
  rounds,
  seconds,
  mtu,
  figures: results.figures.map((figure) => {
    const { title, better } = meaningOf(figure);
    const contenders = results.contenders.flatMap((name) => {
      const runs = results.runs(name, figure);
      if (runs.length === 0) return [];
      return [{ name, median: results.median(name, figure), toBase: results.ratio(name, BASE, figure) ?? null, runs }];
    });
    return { figure, title, better, contenders };
  }),
  targets: verdicts.map((verdict) => ({ ...verdict, against: verdict.against ?? null })),
});

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
