import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { list } from '../local/list-option.js';
import { type AdminOptions, adminOf, printChanged, withAdmin, withQuery } from './admin-option.js';

interface Dns {
  readonly magicDns: boolean;
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
  readonly splitDns: Readonly<Record<string, readonly string[]>>;
  readonly records: readonly unknown[];
}

interface DnsOptions extends AdminOptions {
  readonly magicDns?: boolean;
  readonly nameservers?: readonly string[];
  readonly searchDomains?: readonly string[];
}

export const dnsCommand: CommandFactory = (io) => {
  const command = new Command('dns').summary('see and change how names are resolved').description('The DNS settings.');
  command.addCommand(showDns(io));
  command.addCommand(setDns(io));
  return examples(
    command,
    ['netfold dns show', 'the settings'],
    ['netfold dns set --nameservers 9.9.9.9,2620:fe::fe', 'what is not a machine’s name is asked there'],
  );
};

const showDns: CommandFactory = (io) =>
  withQuery(new Command('show'))
    .summary('show the DNS settings')
    .action(async (options: AdminOptions) => {
      const answer = await adminOf(io, options).call<{ dns: Dns }>('GET /dns');
      if (options.json) return printJson(io, answer);
      const { magicDns, nameservers, searchDomains, splitDns } = answer.dns;
      return print(
        io,
        ...formatTable([
          ['names of machines', magicDns ? 'resolved' : 'not resolved'],
          ['nameservers', nameservers.join(', ') || 'each machine’s own'],
          ['search domains', searchDomains.join(', ') || '-'],
          ...Object.entries(splitDns).map(([domain, servers]) => [domain, servers.join(', ')]),
        ]),
      );
    });

const setDns: CommandFactory = (io) =>
  withAdmin(new Command('set'))
    .summary('change DNS settings; what is not named stays')
    .option('--magic-dns', 'resolve the names of machines')
    .option('--no-magic-dns', 'do not')
    .option('--nameservers <addresses>', 'for everything else; "" for each machine’s own', list)
    .option('--search-domains <domains>', 'tried after a bare name; "" for none', list)
    .action(async ({ magicDns, nameservers, searchDomains, ...options }: DnsOptions) => {
      const admin = adminOf(io, options);
      const { dns, revision } = await admin.call<{ dns: Dns; revision: number }>('GET /dns');
      const wanted = { magicDns, nameservers, searchDomains };
      const named = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      const changed = await admin.call<Changed>('PUT /dns', { body: { ...dns, ...named }, ifRevision: revision });
      printChanged(io, options, changed, 'DNS is configured.');
    });
