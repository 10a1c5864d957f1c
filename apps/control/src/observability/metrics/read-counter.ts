import { Counter, type Registry } from 'prom-client';

/** One time series of a counter: its labels, and how far it has come. */
export type Series<L extends string> = readonly [labels: Readonly<Record<L, string>>, value: number];

/**
 * A counter that the program keeps as plain numbers of its own, and that is read when somebody scrapes: what is counted
 * at every frame costs an addition.
 */
export function readCounter<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
  read: () => Iterable<Series<L>>,
): void {
  new Counter<L>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.inc(labels, value);
    },
  });
}
