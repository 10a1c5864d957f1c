import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import { print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { adminOf, segment, withQuery } from './admin-option.js';
import { type Answered, type AtOptions, asOf, atQuery, withAt } from './at-option.js';
import { type Node, nodeFacts } from './node-facts.js';

interface User {
  readonly id: string;
  readonly login: string;
  readonly displayName: string;
  readonly role: string;
  readonly suspended: boolean;
  readonly joinedAt: number;
  readonly groups: readonly string[];
  readonly nodes: readonly string[];
}

interface Route {
  readonly prefix: string;
  readonly node: string;
  readonly advertised: boolean;
  readonly approved: boolean;
  readonly decidedBy: string | null;
}

export const showCommand: CommandFactory = (io) => {
  const command = new Command('show')
    .summary('show one thing, as it is or as it was')
    .description('Shows all about one thing: as it is now, or with --at as it was at any moment of the ledger.');
  for (const sub of [showNode, showUser, showPolicy, showRoute]) command.addCommand(sub(io));
  return examples(
    command,
    ['netfold show node db-1', 'a machine'],
    ['netfold show user alice@example.com --at yesterday', 'her role, groups and machines, a day ago'],
    ['netfold show policy --at 2026-11-01T10:00Z', 'the policy that was in force then'],
    ['netfold show route 192.168.1.0/24 --at 1200', 'who offered it at revision 1200, and who had approved'],
  );
};

const showNode: CommandFactory = (io) =>
  withAt(withQuery(new Command('node')))
    .summary('a machine')
    .argument('<node>', 'its name, then or now, or its id')
    .action(async (name: string, options: AtOptions) => {
      const route = `GET /nodes/${segment(name)}${atQuery(options)}`;
      const answer = await adminOf(io, options).call<Answered & { node: Node }>(route);
      if (options.json) return printJson(io, answer);
      return print(io, ...asOf(answer), ...formatTable(nodeFacts(io, answer.node)));
    });

const showUser: CommandFactory = (io) =>
  withAt(withQuery(new Command('user')))
    .summary('a person')
    .argument('<login>', 'the login or id')
    .action(async (login: string, options: AtOptions) => {
      const route = `GET /users/${segment(login)}${atQuery(options)}`;
      const answer = await adminOf(io, options).call<Answered & { user: User }>(route);
      if (options.json) return printJson(io, answer);
      const { user } = answer;
      const facts = [
        ['login', user.login],
        ['name', user.displayName || '-'],
        ['id', user.id],
        ['role', user.role],
        ['state', user.suspended ? 'suspended' : 'active'],
        ['joined', formatInstant(user.joinedAt)],
        ['groups', user.groups.join(', ') || '-'],
        ['machines', user.nodes.join(', ') || '-'],
      ];
      return print(io, ...asOf(answer), ...formatTable(facts));
    });

const showPolicy: CommandFactory = (io) =>
  withAt(withQuery(new Command('policy')))
    .summary('the access policy')
    .action(async (options: AtOptions) => {
      const admin = adminOf(io, options);
      // By its revision: what comes in between is not in the answer.
      const moment = await admin.call<Answered>(`GET /moment${atQuery(options)}`);
      const policy = await admin.text(`GET /policy?at=${moment.revision}`);
      return options.json ? printJson(io, { ...moment, policy }) : print(io, policy.replace(/\n$/, ''));
    });

const showRoute: CommandFactory = (io) =>
  withAt(withQuery(new Command('route')))
    .summary('a prefix, and the machines that offer it')
    .argument('<prefix>', 'as the machines advertise it: 192.168.1.0/24')
    .action(async (prefix: string, options: AtOptions) => {
      const answer = await adminOf(io, options).call<Answered & { routes: Route[] }>(`GET /routes${atQuery(options)}`);
      const routes = answer.routes.filter((route) => route.prefix === prefix);
      if (routes.length === 0) throw unknownRoute(prefix, answer);
      if (options.json) return printJson(io, { ...answer, routes });
      const rows = routes.map(({ node, advertised, approved, decidedBy }) => [
        node,
        advertised ? 'yes' : 'no',
        approved ? 'yes' : 'no',
        decidedBy ?? '-',
      ]);
      return print(io, ...asOf(answer), ...formatTable([['MACHINE', 'OFFERED', 'APPROVED', 'BY'], ...rows]));
    });

const unknownRoute = (prefix: string, { revision, recordedAt }: Answered): NetfoldError =>
  new NetfoldError({
    code: 'route.unknown',
    message: `no machine ${recordedAt === undefined ? 'offers' : 'offered'} ${prefix} at revision ${revision}`,
    where: prefix,
    hint: 'netfold log --type RouteAdvertised shows when which machine offered what',
  });
