import { ALL_COMMANDS } from '../../apps/cli/src/commands/all-commands.js';
import type { Io } from '../../apps/cli/src/output/io.js';

/** Nothing is run: only the options are looked at. */
const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: {},
  home: '/root',
  uid: 0,
  interrupted: new AbortController().signal,
  now: () => 0,
  started: () => {},
};

/** The options of a command of `netfold`, such as `--listen`, with whether each takes a value. */
export function optionsOf(...path: readonly string[]): ReadonlyMap<string, boolean> {
  const [name = '', ...rest] = path;
  let command = ALL_COMMANDS.map((make) => make(io)).find((made) => made.name() === name);
  for (const inner of rest) command = command?.commands.find((made) => made.name() === inner);
  if (!command) throw new Error(`there is no command ${path.join(' ')}`);
  return new Map(command.options.map(({ long, required }) => [long ?? '', required]));
}

/** A command line as a deployment writes it: `server --listen=ADDRESS --json`. */
export interface CommandLine {
  readonly command: string;
  readonly options: ReadonlyMap<string, string | undefined>;
}

export function readCommandLine(words: readonly string[]): CommandLine {
  const [command = '', ...rest] = words;
  return {
    command,
    options: new Map(
      rest.map((word) => {
        const at = word.indexOf('=');
        return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
      }),
    ),
  };
}

/** What is wrong with a command line, in words; nothing when `netfold` would take it. */
export function mistakesOf({ command, options }: CommandLine): string[] {
  const known = optionsOf(command);
  return [...options].flatMap(([name, value]) => {
    const takesValue = known.get(name);
    if (takesValue === undefined) return [`${command} has no option ${name}`];
    return takesValue === (value !== undefined) ? [] : [`${name} ${takesValue ? 'needs a' : 'takes no'} value`];
  });
}

/** The port of an address to listen at. */
export const portOf = (address = ''): number => Number(/:(\d+)$/.exec(address)?.[1]);
