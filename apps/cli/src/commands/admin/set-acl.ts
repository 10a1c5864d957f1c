import { Command } from 'commander';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';
import { withAdmin } from './admin-option.js';
import { checkPolicyFile, type PublishOptions, publishPolicyFile } from './policy-file.js';

export const setAclCommand: CommandFactory = (io) => {
  const command = withAdmin(new Command('set-acl'))
    .summary('publish the access policy, or only test it')
    .description(
      'Publishes an access policy (HuJSON: JSON with comments and trailing commas). A policy with errors, or whose own\n' +
        'tests fail, is refused with everything that is wrong with it, and the one in force stays.',
    )
    .argument('[file]', 'the policy; standard input without one', '-')
    .option('--test', 'say what is wrong with it, and publish nothing')
    .option('--if-revision <revision>', 'refuse when the policy was published since: your edit began there', number)
    .option('--merge', 'with --if-revision: when the policy was edited since, publish both edits together')
    .option('--overwrite', 'replace the policy in force, also one of somebody else that this one does not build on');
  examples(
    command,
    ['netfold set-acl --test < policy.hujson', 'lint it, and run its tests'],
    ['netfold set-acl policy.hujson', 'publish it'],
    ['netfold set-acl --if-revision 57 --merge policy.hujson', 'with what others have edited since revision 57'],
  );
  return command.action((file: string, options: PublishOptions & { test?: boolean }) =>
    options.test ? checkPolicyFile(io, options, file) : publishPolicyFile(io, options, file),
  );
};
