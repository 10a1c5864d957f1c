import { Command } from 'commander';
import type { Io } from '../output/io.js';

/** A command of the line: one file each, which says what it is called, what it takes and what it does. */
export type CommandFactory = (io: Io) => Command;

/** The end of a command's help: lines to copy, each with what it does. */
export function examples(command: Command, ...lines: readonly (readonly [line: string, what: string])[]): Command {
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`.trimEnd()).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}
