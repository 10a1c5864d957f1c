import type { History, Order } from './history/history.js';
import { wasRefused } from './history/history.js';
import type { Round } from './nemesis/schedule.js';
import type { RoundResult } from './run.js';

const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(1);

/** What will go wrong and when, by the time that passes without any wait for agreement. */
export function scheduleLines(schedule: readonly Round[]): string[] {
  let at = 0;
  return schedule.map(({ fault, victims, calm, lasts }) => {
    const begins = at + calm;
    at = begins + lasts;
    return `  +${seconds(begins).padStart(5)} s to +${seconds(at).padStart(5)} s  ${fault.padEnd(28)} ${victims.join(' ')}`;
  });
}

export const roundLine = ({ fault, healed, ended, stuck }: RoundResult): string =>
  stuck === undefined ? `${fault}: all agree after ${seconds(ended - healed)} s` : `${fault}: STUCK, ${stuck}`;

/** What there is to be checked. */
export function contents({ ledger, orders, reads, claims, agents }: History): string {
  const removals = orders.filter(({ removes, answer }) => removes !== undefined && answer);
  const frames = agents.reduce((sum, { applied }) => sum + applied.length, 0);
  const asked = `${orders.length} orders (${removals.length} removals, of which ${claims.length} were said to be in force)`;
  return `${ledger.length} events, ${asked}, ${reads.length} reads, ${frames} frames of ${agents.length} agents`;
}

const HEAD = ['fault', 'orders', 'done', 'refused', 'unknown', 'agreed after', 'resumed by diff', 'by snapshot'];

/** The rounds, one line each, and what they come to together. */
export function table(results: readonly RoundResult[], { orders, agents }: History): string[] {
  const resumes = agents.flatMap(({ applied }) => applied.filter(({ resumed }) => resumed));
  const cells = results.map(({ fault, began, healed, ended, stuck }) => {
    const during = (at: number) => at >= began && at < ended;
    const mine = orders.filter(({ tries }) => during(tries[0]?.sentAt ?? 0));
    const came = resumes.filter(({ at }) => during(at));
    return [
      fault,
      ...countsOf(mine),
      stuck === undefined ? `${seconds(ended - healed)} s` : 'never',
      ...resumesOf(came),
    ];
  });
  const all = ['in all', ...countsOf(orders), '', ...resumesOf(resumes)];
  const rows = [HEAD, ...cells, all];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

const resumesOf = (resumes: readonly { readonly snapshot: boolean }[]): string[] => [
  String(resumes.filter(({ snapshot }) => !snapshot).length),
  String(resumes.filter(({ snapshot }) => snapshot).length),
];

function countsOf(orders: readonly Order[]): string[] {
  const done = orders.filter(({ answer }) => answer).length;
  const refused = orders.filter((order) => !order.answer && wasRefused(order)).length;
  return [orders.length, done, refused, orders.length - done - refused].map(String);
}
