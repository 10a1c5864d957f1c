import { Command } from 'commander';
import type { AdminClient, Changed } from '../../admin/admin-client.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, printChanged, segment, withAdmin, withQuery } from './admin-option.js';
import { type Answered, type AtOptions, asOf, atQuery, withAt } from './at-option.js';

interface Route {
  readonly prefix: string;
  readonly node: string;
  readonly advertised: boolean;
  readonly approved: boolean;
  readonly decidedBy: 'admin' | 'policy' | null;
}

export const routeCommand: CommandFactory = (io) => {
  const command = new Command('route')
    .summary('see and approve the routes that machines offer')
    .description('The subnets and exit nodes that machines offer. They carry traffic once they are approved.');
  command.addCommand(listRoutes(io));
  command.addCommand(decide(io, 'approve', 'let a machine route a prefix', 'is routed by'));
  command.addCommand(decide(io, 'revoke', 'forbid a machine to route a prefix', 'is not routed any more by'));
  return examples(
    command,
    ['netfold route list', 'all that is offered'],
    ['netfold route approve office 192.168.1.0/24', 'reach the office through its router'],
  );
};

const listRoutes: CommandFactory = (io) =>
  withAt(withQuery(new Command('list')))
    .summary('list the routes')
    .action(async (options: AtOptions) => {
      const answer = await adminOf(io, options).call<Answered & { routes: readonly Route[] }>(
        `GET /routes${atQuery(options)}`,
      );
      if (options.json) return printJson(io, answer);
      print(io, ...asOf(answer));
      if (answer.routes.length === 0) return print(io, 'No machine offers a route: netfold up --advertise-routes CIDR');
      const rows = answer.routes.map((route) => [route.prefix, route.node, stateOf(route), route.decidedBy ?? '-']);
      return print(io, ...formatTable([['PREFIX', 'MACHINE', 'STATE', 'BY'], ...rows]));
    });

function decide(io: Io, verb: 'approve' | 'revoke', summary: string, done: string): Command {
  return withAdmin(new Command(verb))
    .summary(summary)
    .argument('<node>', 'the name or id of the machine')
    .argument('<prefix>', 'as the machine advertises it')
    .action(async (node: string, prefix: string, options: AdminOptions) => {
      const admin = adminOf(io, options);
      const changed = await admin.call<Changed>(`POST /nodes/${segment(node)}/routes/${verb}`, { body: { prefix } });
      printChanged(io, options, changed, `${prefix} ${done} ${node}.`);
      const half = verb === 'approve' && (await otherHalf(admin, node, prefix));
      if (half) remark(io, `# ${half} waits for approval, too: netfold route approve ${node} ${half}`);
    });
}

const EVERYTHING = ['0.0.0.0/0', '::/0'];

/** An exit node offers IPv4 and IPv6: the other one of them, while it waits. */
async function otherHalf(admin: AdminClient, node: string, prefix: string): Promise<string | undefined> {
  if (!EVERYTHING.includes(prefix)) return undefined;
  const { routes } = await admin.call<{ routes: readonly Route[] }>('GET /routes');
  const waits = routes.find(
    (route) => route.node === node && EVERYTHING.includes(route.prefix) && stateOf(route) === WAITS,
  );
  return waits?.prefix;
}

const WAITS = 'waits for approval';

function stateOf({ advertised, approved, decidedBy }: Route): string {
  if (!advertised) return approved ? 'approved, not offered' : 'revoked, not offered';
  if (approved) return 'approved';
  return decidedBy ? 'revoked' : WAITS;
}
