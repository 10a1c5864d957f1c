import type { Argument, Command, Option } from 'commander';

/** What may stand at a place of the command line. */
export interface Candidates {
  /** Words, each with what it means. */
  readonly words: readonly Candidate[];
  /** What the shell, or the agent, knows better than the commands do. */
  readonly kind?: 'files' | 'nodes' | 'exit-nodes' | undefined;
  /** Stands in front of every word: `--socket=` */
  readonly prefix?: string;
}

export interface Candidate {
  readonly word: string;
  readonly what?: string;
}

/**
 * What may stand in place of the last word.
 * @param words those behind `netfold`; the last is the one that is being written, and may be empty
 */
export function complete(program: Command, words: readonly string[]): Candidates {
  const current = words.at(-1) ?? '';
  const { command, operands, open, onlyOperands } = read(program, words.slice(0, -1));
  if (open) return valuesOf(open);
  if (!onlyOperands && current.startsWith('-')) return options(command, current);
  const values = valuesOf(command.registeredArguments[operands] ?? lastVariadic(command));
  return operands > 0 || onlyOperands ? values : { ...values, words: [...subcommands(command), ...values.words] };
}

/** Where the words lead. */
interface Place {
  readonly command: Command;
  /** How many arguments of the command are there already. */
  readonly operands: number;
  /** The option whose value comes next. */
  readonly open: Option | undefined;
  /** Whether a `--` said that no options follow. */
  readonly onlyOperands: boolean;
}

function read(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, operands: 0, open: undefined, onlyOperands: false };
  for (const word of words) place = after(place, word);
  return place;
}

function after(place: Place, word: string): Place {
  const { command, operands, open, onlyOperands } = place;
  if (open) return { ...place, open: undefined };
  if (!onlyOperands && word === '--') return { ...place, onlyOperands: true };
  if (!onlyOperands && word.startsWith('-')) return { ...place, open: optionWithValue(command, word) };
  if (operands === 0 && word === 'help') return place; // what it explains is found where it would be run
  const inner = operands === 0 ? command.commands.find((sub) => sub.name() === word) : undefined;
  return inner ? { ...place, command: inner } : { ...place, operands: operands + 1 };
}

const optionNamed = (command: Command, name: string): Option | undefined =>
  command.options.find(({ long, short }) => long === name || short === name);

function optionWithValue(command: Command, word: string): Option | undefined {
  const option = optionNamed(command, word);
  return option?.required ? option : undefined;
}

function options(command: Command, current: string): Candidates {
  const [name = '', value] = current.split('=', 2);
  const assigned = value === undefined ? undefined : optionNamed(command, name);
  if (assigned) return { ...valuesOf(assigned), prefix: `${name}=` };
  const visible = command.createHelp().visibleOptions(command);
  return { words: visible.map(({ long, short, description }) => ({ word: long ?? short ?? '', what: description })) };
}

const subcommands = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => command.commands.length > 0 || sub.name() !== 'help')
    .map((sub) => ({ word: sub.name(), what: sub.summary() || sub.description() }));

function lastVariadic({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1);
  return last?.variadic ? last : undefined;
}

/** The values of an argument or an option, by its choices or else by what its placeholder is called. */
function valuesOf(taker: Argument | Option | undefined): Candidates {
  if (taker?.argChoices) return { words: taker.argChoices.map((word) => ({ word })) };
  const name = taker && placeholder(taker);
  if (name === 'yes') return { words: [{ word: 'true' }, { word: 'false' }] };
  return { words: [], kind: kindOf(name, taker) };
}

const placeholder = (taker: Argument | Option): string =>
  'flags' in taker ? (/[<[]([^>\]]+)/.exec(taker.flags)?.[1] ?? '') : taker.name();

function kindOf(name: string | undefined, taker: Argument | Option | undefined): Candidates['kind'] {
  if (name === 'node') return taker && 'long' in taker && taker.long === '--exit-node' ? 'exit-nodes' : 'nodes';
  return name !== undefined && ['file', 'folder', 'path'].includes(name) ? 'files' : undefined;
}
