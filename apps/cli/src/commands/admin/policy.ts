import { Command } from 'commander';
import { print, printJson, remark } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';
import { type AdminOptions, adminOf, withAdmin, withQuery } from './admin-option.js';
import { explainCommand } from './policy-explain.js';
import { checkPolicyFile, type PublishOptions, publishPolicyFile } from './policy-file.js';

export const policyCommand: CommandFactory = (io) => {
  const command = new Command('policy')
    .summary('read, check, publish and explain the access policy')
    .description('The access policy.');
  for (const sub of [getPolicy, checkPolicy, setPolicy, explainCommand]) command.addCommand(sub(io));
  return examples(
    command,
    ['netfold policy get > policy.hujson', 'the one in force, comments and all'],
    ['netfold policy check policy.hujson', 'all problems at once'],
    ['netfold policy set policy.hujson', 'publish it'],
    ['netfold policy explain alice@example.com db:5432', 'may she, and by which rule'],
  );
};

const getPolicy: CommandFactory = (io) =>
  withQuery(new Command('get'))
    .summary('print the policy in force')
    .action(async (options: AdminOptions) => {
      const { text, revision } = await adminOf(io, options).document('GET /policy');
      if (options.json) return printJson(io, { revision, text });
      print(io, text.replace(/\n$/, ''));
      // Not where the policy goes.
      return remark(
        io,
        `# as of revision ${revision}; publish your edit with: netfold set-acl --if-revision ${revision} --merge FILE`,
      );
    });

const checkPolicy: CommandFactory = (io) =>
  withQuery(new Command('check'))
    .summary('say what is wrong with a policy')
    .argument('[file]', 'standard input without one', '-')
    .action((file: string, options: AdminOptions) => checkPolicyFile(io, options, file));

const setPolicy: CommandFactory = (io) =>
  withAdmin(new Command('set'))
    .summary('publish a policy')
    .argument('[file]', 'standard input without one', '-')
    .option('--if-revision <revision>', 'refuse when the policy was published since: your edit began there', number)
    .option('--merge', 'with --if-revision: when the policy was edited since, publish both edits together')
    .option('--overwrite', 'replace the policy in force, also one of somebody else that this one does not build on')
    .action((file: string, options: PublishOptions) => publishPolicyFile(io, options, file));
