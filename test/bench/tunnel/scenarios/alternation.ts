import type { Carried, Iperf } from '../iperf.js';

/** One alternation says little: the same tunnel carries a tenth more or less from one second to the next. */
const TIMES = 3;

/** What something costs, in percent of what goes on without it. */
export interface Cost {
  /** How much less TCP goes through. */
  readonly throughput: number;
  /** How much more processor time a gigabit takes. */
  readonly cpu: number;
}

/** TCP without, with, with, and without something, and so on, so that what else the machine does meets both alike. */
export async function costOf(
  iperf: Iperf,
  { on, off }: { readonly on: () => void; readonly off: () => void },
): Promise<Cost> {
  const [without, withIt]: [Carried[], Carried[]] = [[], []];
  for (let time = 0; time < TIMES; time++) {
    without.push(await iperf.tcp(1));
    on();
    withIt.push(await iperf.tcp(1), await iperf.tcp(1));
    off();
    without.push(await iperf.tcp(1));
  }
  return {
    throughput: 100 * (1 - sumOf(withIt, 'mbps') / sumOf(without, 'mbps')),
    cpu: 100 * (sumOf(withIt, 'cpuPerGbit') / sumOf(without, 'cpuPerGbit') - 1),
  };
}

const sumOf = (runs: readonly Carried[], figure: keyof Carried): number =>
  runs.reduce((sum, run) => sum + run[figure], 0);
