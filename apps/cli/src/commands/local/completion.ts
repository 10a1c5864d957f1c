import { Argument, Command } from 'commander';
import { type Candidates, complete } from '../../completion/complete.js';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../../completion/completion-scripts.js';
import { nodeNames } from '../../completion/node-names.js';
import { type Io, print } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf } from './agent-option.js';

export const completionCommand: CommandFactory = (io) => {
  const command = new Command('completion')
    .summary('print what makes the Tab key complete commands and node names')
    .description(
      'Prints a script for a shell, which then completes commands, options, and the names of the nodes that this\n' +
        'machine may see, as the agent knows them at that moment.',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addCommand(wordsCommand(io), { hidden: true });
  examples(
    command,
    ['source <(netfold completion bash)', 'in ~/.bashrc'],
    ['source <(netfold completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['netfold completion fish > ~/.config/fish/completions/netfold.fish', 'once'],
  );
  return command.action((shell: Shell) => print(io, COMPLETION_SCRIPTS[shell].trimEnd()));
};

/** What the scripts ask. */
const wordsCommand: CommandFactory = (io) =>
  new Command('words')
    .argument('[words...]', 'those behind netfold; the last is the one that is being written')
    .action(async (words: readonly string[], _options: object, command: Command) => {
      const candidates = complete(rootOf(command), words);
      print(io, ...(await linesOf(io, candidates, words)));
    });

const rootOf = (command: Command): Command => (command.parent ? rootOf(command.parent) : command);

async function linesOf(io: Io, { words, kind, prefix = '' }: Candidates, before: readonly string[]): Promise<string[]> {
  if (kind === 'files') return [':files'];
  const nodes = kind ? await nodeNames(agentOf(io, socketIn(before)), kind === 'exit-nodes') : [];
  const current = before.at(-1) ?? '';
  return [...words, ...nodes]
    .map(({ word, what }) => ({ word: prefix + word, what }))
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, what }) => (what ? `${word}\t${what.split('\n')[0]}` : word));
}

/** The agent that the command which is being written would ask. */
function socketIn(words: readonly string[]): string | undefined {
  const at = words.lastIndexOf('--socket');
  return at >= 0 ? words[at + 1] : words.find((word) => word.startsWith('--socket='))?.slice('--socket='.length);
}
