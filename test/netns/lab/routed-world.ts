import { writeFileSync } from 'node:fs';
import type { Host, Running } from './host.js';
import { type Machine, Mesh } from './mesh.js';
import { until } from './until.js';
import { tellWho } from './who.js';

const NUMBER = { client: 2, 'gate-a': 3, 'gate-b': 4, exit: 5, guest: 6 } as const;
type Name = keyof typeof NUMBER;

/**
 * A mesh with something around it. Each host of the internet and of the lan tells who it is, and by whom it was asked.
 *
 *     client, guest ── switch ── gate-a, gate-b ── lan ── printer
 *                        ├────── exit ── uplink ──┐
 *                        └──────────────────── internet
 */
export class RoutedWorld {
  static readonly LAN = ['192.168.7.0/24', 'fd77::/64'] as const;
  static readonly PRINTER = ['192.168.7.10', 'fd77::10'] as const;
  /** A machine of the internet, and how it sees the client, directly or through the exit node. */
  static readonly WEB = ['203.0.113.80', '2001:db8:80::80'] as const;
  static readonly DIRECTLY = ['10.9.0.2', '2001:db8:9::2'] as const;
  static readonly THROUGH_EXIT = ['198.51.100.2', '2001:db8:99::2'] as const;
  /** Two addresses of one: from everywhere, and from the switch only, where the machines there have learned of it. */
  static readonly NAMESERVER = '203.0.113.53';
  static readonly HOME_NAMESERVER = '10.9.0.254';

  private readonly hosts = new Map<Name, Host>();
  private nameserver: Running | undefined;
  private web: Running | undefined;

  private constructor(
    readonly mesh: Mesh,
    readonly internet: Host,
    readonly printer: Host,
  ) {}

  static async open(): Promise<RoutedWorld> {
    const mesh = await Mesh.open();
    const internet = mesh.lab.host('internet', '10.9.0.254/24');
    const printer = mesh.lab.host('printer', '10.9.0.77/24');
    const world = new RoutedWorld(mesh, internet, printer);
    await world.build();
    return world;
  }

  /** The host of that name, which may be a machine of the mesh yet or not. */
  host(name: Name): Host {
    const known = this.hosts.get(name);
    if (known) return known;
    const host = this.mesh.lab.host(name, `10.9.0.${NUMBER[name]}/24`);
    this.hosts.set(name, host);
    host.ip('addr', 'add', `2001:db8:9::${NUMBER[name]}/64`, 'dev', 'eth0', 'nodad');
    for (const family of FAMILIES) host.ip(family.flag, 'route', 'add', 'default', 'via', family.gateway);
    const nameserver = name === 'exit' ? RoutedWorld.NAMESERVER : RoutedWorld.HOME_NAMESERVER;
    writeFileSync(host.resolvConf, `nameserver ${nameserver}\noptions timeout:2 attempts:1\n`);
    return host;
  }

  join(name: Name, tag: string, ...words: string[]): Promise<Machine> {
    return this.mesh.join(this.host(name), words, ['--tags', tag]);
  }

  /** Whom the nameserver of the internet was asked by for this name. */
  askersFor(name: string): string[] {
    const asked = (this.nameserver?.output() ?? '').matchAll(/query\[\w+\] (\S+) from (\S+)/g);
    return [...asked].filter(([, question]) => question === name).map(([, , from]) => from as string);
  }

  /** How often the internet was asked from this address. */
  visitsFrom(address: string): number {
    const visits = this.web?.output().split('\n') ?? [];
    return visits.filter((visitor) => visitor === address).length;
  }

  close(): Promise<void> {
    return this.mesh.close();
  }

  private async build(): Promise<void> {
    const { internet, printer } = this;
    for (const address of [`${RoutedWorld.WEB[0]}/32`, `${RoutedWorld.NAMESERVER}/32`, `${RoutedWorld.WEB[1]}/128`]) {
      internet.ip('addr', 'add', address, 'dev', 'lo');
    }
    internet.ip('addr', 'add', '2001:db8:9::254/64', 'dev', 'eth0', 'nodad');
    this.link(this.host('exit'), 'up0', internet, 'down0');
    this.address(this.host('exit'), 'up0', '198.51.100.2/24', '2001:db8:99::2/64');
    this.address(internet, 'down0', '198.51.100.1/24', '2001:db8:99::1/64');
    for (const { flag, beyond } of FAMILIES) this.host('exit').ip(flag, 'route', 'replace', 'default', 'via', beyond);
    await this.forward(this.host('exit'));

    printer.ip('link', 'set', 'eth0', 'down');
    printer.ip('link', 'add', 'lan', 'type', 'bridge');
    for (const [index, name] of (['gate-a', 'gate-b'] as const).entries()) {
      this.link(this.host(name), 'lan0', printer, name);
      printer.ip('link', 'set', name, 'master', 'lan');
      this.address(this.host(name), 'lan0', `192.168.7.${index + 1}/24`, `fd77::${index + 1}/64`);
      tellWho(this.host(name));
    }
    this.address(printer, 'lan', '192.168.7.10/24', 'fd77::10/64');
    this.web = tellWho(internet);
    tellWho(printer);
    const nameserver = internet.start('dns', 'dnsmasq', [
      ...['--keep-in-foreground', '--no-resolv', '--no-hosts', '--pid-file=', '--user=root'],
      ...[
        '--log-queries',
        '--log-facility=-',
        `--listen-address=${RoutedWorld.NAMESERVER},${RoutedWorld.HOME_NAMESERVER}`,
        '--bind-interfaces',
      ],
      '--address=/example.test/203.0.113.80',
    ]);
    this.nameserver = nameserver;
    await until('the nameserver', async () => nameserver.output().includes('started'));
  }

  async forward(host: Host): Promise<void> {
    await host.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  }

  private link(from: Host, name: string, to: Host, other: string): void {
    from.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', other, 'netns', to.namespace);
    from.ip('link', 'set', name, 'up');
    to.ip('link', 'set', other, 'up');
  }

  private address(host: Host, device: string, ...addresses: string[]): void {
    for (const one of addresses) host.ip('addr', 'add', one, 'dev', device, ...(one.includes(':') ? ['nodad'] : []));
    host.ip('link', 'set', device, 'up');
  }
}

const FAMILIES = [
  { flag: '-4', gateway: '10.9.0.254', beyond: '198.51.100.1' },
  { flag: '-6', gateway: '2001:db8:9::254', beyond: '2001:db8:99::1' },
] as const;
