import { Command } from 'commander';
import { credentialsOf } from '../../admin/credentials.js';
import { CommandFailed } from '../../command-failed.js';
import { print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type AdminOptions, adminOf, withQuery } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';

/** What the server says of itself to everybody. */
interface ServerFacts {
  readonly version: string;
  readonly releaseLevel: { readonly own: number; readonly all: number | null };
}

/** What it says of a network. */
interface Standing {
  readonly revision: number;
  readonly releaseFloor: number;
  readonly paused: Paused | null;
}

interface Paused {
  readonly message: string;
  readonly where: string;
  readonly hint: string;
  readonly event: { readonly revision: number; readonly id?: string; readonly type?: string };
  readonly reason: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Asks a server how it and the network of the token are. */
export const serverStatusCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('status'))
    .summary('how a server and its network are, and how far an upgrade has come')
    .description(
      'Asks a running server. It fails when the network stands still: when the next event of its ledger cannot be read,\n' +
        'checked or understood. What came before is served then, nothing is written, and machines keep what they have.',
    )
    .action(async (options: AdminOptions) => {
      const admin = adminOf(io, options);
      const standing = await admin.call<Standing>('GET /revision');
      const server = await admin.server<ServerFacts>();
      if (options.json) printJson(io, { ...server, ...standing });
      else {
        const { server: url } = credentialsOf(io, options.server);
        print(io, ...formatTable([['server', `${url}, netfold ${server.version}`], ...lines(server, standing)]));
      }
      if (standing.paused) throw new CommandFailed();
    });
  return examples(
    command,
    ['netfold server status', ''],
    ['netfold server status --json', 'for a program that watches it'],
  );
};

function lines({ releaseLevel: { own, all } }: ServerFacts, { revision, releaseFloor, paused }: Standing): string[][] {
  return [
    ['network', paused ? `stands still after revision ${revision}` : `goes on, at revision ${revision}`],
    ['events', `written as of release level ${releaseFloor}; ${upgrade(own, all)}`],
    ...(paused ? reasons(paused) : []),
  ];
}

function upgrade(own: number, all: number | null): string {
  if (all === null) return `this server reads up to ${own}, and does not know yet of all others`;
  return all < own ? `this server reads up to ${own}, another only up to ${all}` : `all servers read up to ${all}`;
}

const reasons = ({ where, reason, hint, event: { id, type } }: Paused): string[][] => [
  ['event', [where, type, id].filter((part) => part !== undefined).join(' ')],
  ['reason', `${reason.message} (${reason.code})`],
  ['what to do', hint],
];
