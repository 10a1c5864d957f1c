import { Command, CommanderError } from 'commander';
import { problemOf } from '#kernel';
import { CommandFailed } from './command-failed.js';
import type { CommandFactory } from './commands/command.js';
import type { Io } from './output/io.js';
import { formatProblem } from './output/problem.js';
import { painter } from './output/style.js';

/** Runs one command line; answers the exit code. Everything that fails is said on standard error. */
export async function runCli(
  args: readonly string[],
  io: Io,
  commands: readonly CommandFactory[],
  version: string,
): Promise<number> {
  const program = new Command('netfold')
    .description('A self-hosted zero-trust mesh VPN whose network is an event log.')
    .version(version, '-V, --version', 'print the version')
    .enablePositionalOptions() // an option is for the command that it stands behind
    .showHelpAfterError('  see: netfold --help')
    .helpCommand('help [command]', 'print the help of a command');
  for (const command of commands) program.addCommand(command(io));
  for (const command of everyCommand(program)) prepare(command, io);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

function exitCodeOf(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode; // it has been said
  if (error instanceof CommandFailed) return error.exitCode;
  const [first = '', ...rest] = formatProblem(problemOf(error)).split('\n');
  const paint = painter(io, 'stderr');
  io.stderr.write(`${[paint('red', first), ...rest].join('\n')}\n`);
  return 1;
}

function* everyCommand(command: Command): Generator<Command> {
  yield command;
  for (const inner of command.commands) yield* everyCommand(inner);
}

/** Settings that commander gives to subcommands only when they are made with it. */
function prepare(command: Command, io: Io): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'netfold: ')),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
    })
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false });
}
