import type { RunCommand } from './run-command.js';

/** One line of `ip -batch`, which takes the family from its command line only. */
export interface InterfaceChange {
  readonly family: 4 | 6;
  readonly line: string;
}

/** Makes the changes of each family in their order, IPv4 first. Stops at the first that fails. */
export async function makeChanges(changes: readonly InterfaceChange[], run: RunCommand): Promise<void> {
  for (const family of [4, 6] as const) {
    const lines = changes.filter((change) => change.family === family).map(({ line }) => `${line}\n`);
    if (lines.length > 0) await run('ip', [`-${family}`, '-batch', '-'], lines.join(''));
  }
}
