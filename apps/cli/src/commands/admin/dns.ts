import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { type Io, print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { list } from '../local/list-option.js';
import { type AdminOptions, adminOf, printChanged, withAdmin, withQuery } from './admin-option.js';

interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

interface Dns {
  readonly magicDns: boolean;
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
  readonly splitDns: Readonly<Record<string, readonly string[]>>;
  readonly records: readonly DnsRecord[];
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
  command.addCommand(splitDns(io));
  command.addCommand(recordCommand(io));
  return examples(
    command,
    ['netfold dns show', 'the settings'],
    ['netfold dns set --nameservers 9.9.9.9,2620:fe::fe', 'what is not a machine’s name is asked there'],
    ['netfold dns set --nameservers https://9.9.9.9/dns-query', 'or over HTTPS'],
    ['netfold dns split corp.example.com 10.0.0.53', 'names in this domain are asked there'],
    ['netfold dns record add db.corp.example.com A 10.1.2.3', 'one more name'],
  );
};

const showDns: CommandFactory = (io) =>
  withQuery(new Command('show'))
    .summary('show the DNS settings')
    .action(async (options: AdminOptions) => {
      const answer = await adminOf(io, options).call<{ dns: Dns }>('GET /dns');
      if (options.json) return printJson(io, answer);
      const { magicDns, nameservers, searchDomains, splitDns, records } = answer.dns;
      return print(
        io,
        ...formatTable([
          ['names of machines', magicDns ? 'resolved' : 'not resolved'],
          ['nameservers', nameservers.join(', ') || 'each machine’s own'],
          ['search domains', searchDomains.join(', ') || '-'],
          ...Object.entries(splitDns).map(([domain, servers]) => [`names in ${domain}`, servers.join(', ')]),
          ...records.map(({ name, type, value }) => [name, `${type} ${value}`]),
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
      const wanted = { magicDns, nameservers, searchDomains };
      const named = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      await change(io, options, (dns) => ({ ...dns, ...named }));
    });

const splitDns: CommandFactory = (io) =>
  withAdmin(new Command('split'))
    .summary('nameservers for the names in one domain; none: as all other names')
    .argument('<domain>')
    .argument('[nameservers...]')
    .action((domain: string, nameservers: readonly string[], options: AdminOptions) =>
      change(io, options, (dns) => {
        const { [domain]: _, ...others } = dns.splitDns;
        return { ...dns, splitDns: nameservers.length > 0 ? { ...others, [domain]: nameservers } : others };
      }),
    );

const recordCommand: CommandFactory = (io) => {
  const command = new Command('record').summary('names beside those of the machines').description('Extra DNS records.');
  const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  command.addCommand(
    withAdmin(new Command('add'))
      .summary('add a record')
      .argument('<name>', 'in full: db.corp.example.com')
      .argument('<type>', 'A, AAAA, CNAME or TXT')
      .argument('<value>')
      .action((name: string, type: string, value: string, options: AdminOptions) =>
        change(io, options, (dns) => ({
          ...dns,
          records: [...dns.records, { name: name.toLowerCase(), type: type.toUpperCase(), value }],
        })),
      ),
  );
  command.addCommand(
    withAdmin(new Command('remove'))
      .summary('remove the records of a name')
      .argument('<name>')
      .argument('[type]', 'only of this type')
      .action((name: string, type: string | undefined, options: AdminOptions) =>
        change(io, options, (dns) => {
          const goes = (record: DnsRecord) => sameName(record.name, name) && (!type || sameName(record.type, type));
          return { ...dns, records: dns.records.filter((record) => !goes(record)) };
        }),
      ),
  );
  return command;
};

/** Nobody else's change is lost: what was read must still be so when it is written. */
async function change(io: Io, options: AdminOptions, next: (dns: Dns) => Dns): Promise<void> {
  const admin = adminOf(io, options);
  const { dns, revision } = await admin.call<{ dns: Dns; revision: number }>('GET /dns');
  const changed = await admin.call<Changed>('PUT /dns', { body: next(dns), ifRevision: revision });
  printChanged(io, options, changed, 'DNS is configured.');
}
