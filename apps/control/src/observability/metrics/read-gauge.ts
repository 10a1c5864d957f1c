import { Gauge, type Registry } from 'prom-client';

/** A gauge that is read when somebody scrapes, and costs nothing until then; undefined: there is nothing to say now. */
export function readGauge(registry: Registry, name: string, help: string, read: () => number | undefined): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = read();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}
