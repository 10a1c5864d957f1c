import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { type Io, print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, printChanged, segment, withAdmin, withQuery } from './admin-option.js';
import { type Answered, type AtOptions, asOf, atQuery, withAt } from './at-option.js';

interface User {
  readonly id: string;
  readonly login: string;
  readonly displayName: string;
  readonly role: string;
  readonly suspended: boolean;
}

export const userCommand: CommandFactory = (io) => {
  const command = new Command('user').summary('see and manage the people').description('The people of the network.');
  for (const sub of [listUsers, addUser, changeRole]) command.addCommand(sub(io));
  command.addCommand(change(io, 'suspend', 'cut a person and their machines off', 'POST', 'is suspended'));
  command.addCommand(change(io, 'resume', 'give a suspended person access again', 'POST', 'has access again'));
  command.addCommand(change(io, 'remove', 'remove a person and their machines', 'DELETE', 'was removed'));
  command.addCommand(eraseUser(io));
  return examples(
    command,
    ['netfold user add alice@example.com', 'then: netfold key create --user alice@example.com'],
    ['netfold user role alice@example.com network-admin', 'another role'],
    ['netfold user erase bob@example.com --yes', 'nothing names him any more, not even the past'],
    ['netfold user suspend bob@example.com', 'all of his machines lose access at once'],
  );
};

const listUsers: CommandFactory = (io) =>
  withAt(withQuery(new Command('list')))
    .summary('list the people')
    .action(async (options: AtOptions) => {
      const answer = await adminOf(io, options).call<Answered & { users: readonly User[] }>(
        `GET /users${atQuery(options)}`,
      );
      if (options.json) return printJson(io, answer);
      const rows = answer.users.map((user) => [
        user.login,
        user.displayName || '-',
        user.role,
        user.suspended ? 'suspended' : 'active',
      ]);
      return print(io, ...asOf(answer), ...formatTable([['LOGIN', 'NAME', 'ROLE', 'STATE'], ...rows]));
    });

const addUser: CommandFactory = (io) =>
  withAdmin(new Command('add'))
    .summary('add a person')
    .argument('<login>', 'the name that policies use: alice@example.com')
    .option('--name <name>', 'the name to show')
    .option('--role <role>', 'member, admin, network-admin, it-admin, auditor, …')
    .action(async (login: string, options: AdminOptions & { name?: string; role?: string }) => {
      const { name, role } = options;
      const body = { login, ...(name && { displayName: name }), ...(role && { role }) };
      printChanged(
        io,
        options,
        await adminOf(io, options).call<Changed>('POST /users', { body }),
        `${login} was added.`,
      );
    });

const changeRole: CommandFactory = (io) =>
  withAdmin(new Command('role'))
    .summary('give a person another role')
    .argument('<login>')
    .argument('<role>', 'owner, admin, network-admin, it-admin, auditor, member, …')
    .action(async (login: string, role: string, options: AdminOptions) => {
      const changed = await adminOf(io, options).call<Changed>(`POST /users/${segment(login)}/role`, {
        body: { role },
      });
      printChanged(io, options, changed, `${login} is now ${role}.`);
    });

const eraseUser: CommandFactory = (io) =>
  withAdmin(new Command('erase'))
    .summary('remove a person, and everything by which the ledger names them')
    .description(
      'Removes a person with their machines, and destroys the key that their address and name are sealed with.\n' +
        'The ledger still verifies, and nobody can read there who it was. What their machines were called, and a name\n' +
        'that somebody wrote into a reason without the address, is not sealed and stays in the past. This cannot be\n' +
        'undone.',
    )
    .argument('<login>', 'or any e-mail address that a policy or a group names')
    .requiredOption('--yes', 'that you mean it')
    .action(async (login: string, { yes: _, ...options }: AdminOptions & { yes: true }) => {
      const changed = await adminOf(io, options).call<Changed>(`POST /users/${segment(login)}/erase`);
      printChanged(io, options, changed, 'They are erased.');
    });

function change(io: Io, verb: string, summary: string, method: 'POST' | 'DELETE', done: string): Command {
  return withAdmin(new Command(verb))
    .summary(summary)
    .argument('<login>')
    .action(async (login: string, options: AdminOptions) => {
      const path = `/users/${segment(login)}${method === 'POST' ? `/${verb}` : ''}`;
      printChanged(io, options, await adminOf(io, options).call<Changed>(`${method} ${path}`), `${login} ${done}.`);
    });
}
