import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { type Io, print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { list } from '../local/list-option.js';
import { type AdminOptions, adminOf, printChanged, segment, span, withAdmin, withQuery } from './admin-option.js';
import { type Answered, type AtOptions, asOf, atQuery, withAt } from './at-option.js';
import { type Node, nodeFacts, ownerOf, presence } from './node-facts.js';

export const nodeCommand: CommandFactory = (io) => {
  const command = new Command('node')
    .summary('see and manage the machines')
    .description('The machines of the network.');
  for (const sub of [listNodes, showNode, renameNode, tagNode, expiryOfNode]) command.addCommand(sub(io));
  command.addCommand(change(io, 'approve', 'let a machine that waits take part', 'approve', 'was approved'));
  command.addCommand(change(io, 'expire', 'make the key of a machine invalid now', 'expire', 'must log in again'));
  command.addCommand(change(io, 'remove', 'remove a machine for good', undefined, 'was removed'));
  return examples(
    command,
    ['netfold node list', 'all machines'],
    ['netfold node approve laptop', 'when the network asks for approval'],
    ['netfold node tag db-1 tag:db,tag:prod', 'these tags and no others'],
  );
};

const listNodes: CommandFactory = (io) =>
  withAt(withQuery(new Command('list')))
    .summary('list the machines')
    .action(async (options: AtOptions) => {
      const answer = await adminOf(io, options).call<Answered & { nodes: readonly Node[] }>(
        `GET /nodes${atQuery(options)}`,
      );
      if (options.json) return printJson(io, answer);
      print(io, ...asOf(answer));
      if (answer.nodes.length === 0) return print(io, 'No machine has joined yet. Make a key: netfold key create');
      const rows = answer.nodes.map((node) => [
        node.name,
        node.addresses[0] ?? '',
        ownerOf(node),
        node.os,
        presence(io, node),
      ]);
      return print(io, ...formatTable([['NAME', 'ADDRESS', 'OWNER', 'OS', 'STATE'], ...rows]));
    });

const showNode: CommandFactory = (io) =>
  withQuery(new Command('show'))
    .summary('show all about a machine')
    .argument('<node>', 'its name or id')
    .action(async (name: string, options: AdminOptions) => {
      const answer = await adminOf(io, options).call<{ node: Node }>(`GET /nodes/${segment(name)}`);
      if (options.json) return printJson(io, answer);
      return print(io, ...formatTable(nodeFacts(io, answer.node)));
    });

const renameNode: CommandFactory = (io) =>
  withAdmin(new Command('rename'))
    .summary('give a machine another name')
    .argument('<node>', 'its name or id')
    .argument('[name]', 'the new name; without one it follows its host name again')
    .action(async (node: string, name: string | undefined, options: AdminOptions) => {
      const body = { name: name ?? null };
      const changed = await adminOf(io, options).call<Changed>(`POST /nodes/${segment(node)}/rename`, { body });
      printChanged(io, options, changed, name ? `${node} is now ${name}.` : `${node} follows its host name.`);
    });

const tagNode: CommandFactory = (io) =>
  withAdmin(new Command('tag'))
    .summary('replace the tags of a machine')
    .argument('<node>', 'its name or id')
    .argument('<tags>', 'such as tag:web,tag:prod', list)
    .action(async (node: string, tags: string[], options: AdminOptions) => {
      const changed = await adminOf(io, options).call<Changed>(`POST /nodes/${segment(node)}/tags`, { body: { tags } });
      printChanged(io, options, changed, `${node} is now tagged ${tags.join(', ')}.`);
    });

const expiryOfNode: CommandFactory = (io) =>
  withAdmin(new Command('expiry'))
    .summary('set when the key of a machine expires')
    .argument('<node>', 'its name or id')
    .argument('<span>', 'from now: 90d, 12h, …; or never', span)
    .action(async (node: string, after: number | null, options: AdminOptions) => {
      const body = { keyExpiresAt: after === null ? null : io.now() + after };
      const changed = await adminOf(io, options).call<Changed>(`POST /nodes/${segment(node)}/expiry`, { body });
      const when = body.keyExpiresAt === null ? 'never expires' : `expires ${formatInstant(body.keyExpiresAt)}`;
      printChanged(io, options, changed, `The key of ${node} ${when}.`);
    });

function change(io: Io, verb: string, summary: string, path: string | undefined, done: string): Command {
  return withAdmin(new Command(verb))
    .summary(summary)
    .argument('<node>', 'its name or id')
    .action(async (node: string, options: AdminOptions) => {
      const route = path ? `POST /nodes/${segment(node)}/${path}` : `DELETE /nodes/${segment(node)}`;
      printChanged(io, options, await adminOf(io, options).call<Changed>(route), `${node} ${done}.`);
    });
}
