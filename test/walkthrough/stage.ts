import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { makeCertificate } from '../netns/lab/certificate.js';
import type { Host, Running } from '../netns/lab/host.js';
import { Lab } from '../netns/lab/lab.js';
import { until } from '../netns/lab/until.js';
import { openBrowser } from './browser.js';
import type { Outcome } from './outcome.js';
import { Person } from './person.js';

export const CONTROL = 'https://netfold.example.com';
export const WEB = '203.0.113.80';

/** How long programs that start all at once may take on a busy machine, in milliseconds. */
const PATIENCE = 180_000;

const NAMESERVER = '203.0.113.53';
const GATEWAY = '10.9.0.254';

/** The machines that take part, with their addresses before they do. */
const MACHINES = {
  laptop: '10.9.0.11',
  'bobs-laptop': '10.9.0.12',
  'subnet-router': '10.9.0.13',
  'exit-node': '10.9.0.14',
  'bobs-tablet': '10.9.0.15',
  'dev-server': '10.9.0.21',
  'prod-server': '10.9.0.22',
  'monitoring-server': '10.9.0.23',
} as const;

/** The world of the guide: an internet with names, an identity provider, a browser, and machines to be connected. */
export class Stage {
  readonly alice: Person;
  readonly bob: Person;
  private readonly hosts = new Map<string, Host>();
  private readonly environment: NodeJS.ProcessEnv;
  private readonly certificate: { cert: string; key: string };
  private readonly browser: Promise<Browser>;

  private constructor(private readonly lab: Lab) {
    this.certificate = makeCertificate(lab.folder, 'netfold.example.com', 'login.example.com');
    const bin = join(lab.folder, 'bin');
    this.environment = { PATH: `${bin}:${process.env.PATH}`, NODE_EXTRA_CA_CERTS: this.certificate.cert };
    writeProgram(bin);
    this.buildInternet();
    this.browser = openBrowser(this.host('desk'), this.certificate.cert);
    const window = async () => (await this.browser).newContext();
    this.alice = new Person('alice@example.com', window());
    this.bob = new Person('bob@example.com', window());
  }

  static async open(lab: Lab): Promise<Stage> {
    const stage = new Stage(lab);
    await stage.browser;
    await stage.startPrograms();
    return stage;
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (host) return host;
    throw new Error(`there is no host ${name}`);
  }

  /** A command, as somebody types it. */
  type(on: string, command: string): Promise<Outcome> {
    return this.host(on).shell(command, this.environment);
  }

  /** A command that stays, or waits for a person. */
  start(on: string, label: string, command: string): Running {
    return this.host(on).startShell(label, command, this.environment);
  }

  /** The IPv4 address that a machine has got. */
  async addressOf(machine: string): Promise<string> {
    return (await this.type(machine, 'netfold ip -4')).output.trim();
  }

  /** A key that was made in an earlier step is put where the next machine reads it. */
  handOver(file: string, from: string, to: string): void {
    copyFileSync(join(this.host(from).folder, file), join(this.host(to).folder, file));
  }

  async close(): Promise<void> {
    await this.browser.then((browser) => browser.close()).catch(() => {});
    await this.lab.close();
  }

  private buildInternet(): void {
    const internet = this.add('internet', GATEWAY);
    for (const address of [NAMESERVER, WEB]) internet.ip('addr', 'add', `${address}/32`, 'dev', 'lo');
    this.add('server', '10.9.0.1');
    this.add('login', '10.9.0.2');
    this.add('desk', '10.9.0.3');
    for (const [name, address] of Object.entries(MACHINES)) this.add(name, address);
    this.hosts.set(
      'printer',
      this.lab.hostBehind(this.host('subnet-router'), 'printer', '192.168.1.10/24', '192.168.1.1/24'),
    );
  }

  private add(name: string, address: string): Host {
    const host = this.lab.host(name, `${address}/24`);
    this.hosts.set(name, host);
    if (address !== GATEWAY) host.ip('route', 'add', 'default', 'via', GATEWAY);
    writeFileSync(host.resolvConf, `nameserver ${NAMESERVER}\n`);
    return host;
  }

  private async startPrograms(): Promise<void> {
    const { cert, key } = this.certificate;
    const names = ['netfold.example.com,10.9.0.1', 'login.example.com,10.9.0.2', `www.example.com,${WEB}`];
    const records = names.map((record) => `--host-record=${record}`);
    const quiet = ['--keep-in-foreground', '--no-resolv', '--no-hosts', '--pid-file=', '--user=root'];
    const log = ['--log-queries', '--log-facility=-'];
    this.host('internet').start('dns', 'dnsmasq', [...quiet, ...log, `--listen-address=${NAMESERVER}`, ...records]);
    this.services('internet', 80);
    this.services('printer', 80);
    this.services('dev-server', 22, 80, 443, 9100);
    this.services('prod-server', 22, 80, 9090, 9100);
    const { folder } = this.host('server');
    writeFileSync(join(folder, 'oidc.json'), JSON.stringify({ issuers: [ISSUER] }));
    writeFileSync(join(folder, 'oidc-secret'), 'secret\n');
    for (const file of [cert, key]) copyFileSync(file, join(folder, file === cert ? 'cert.pem' : 'key.pem'));
    copyFileSync('test/walkthrough/policy.hujson', join(this.host('laptop').folder, 'policy.hujson'));
    const issuer = this.program('login', 'issuer', ['login.example.com', CONTROL, cert, key]);
    await until('the identity provider', async () => issuer.output().includes('issuer at'), PATIENCE);
    await Promise.all(Object.keys(MACHINES).map((machine) => this.startAgent(machine)));
  }

  private async startAgent(machine: string): Promise<void> {
    const agent = this.start(machine, 'agent', 'netfold agent --state-dir agent');
    const listens = async () => agent.output().includes('listening at');
    await until(`the agent of ${machine}`, listens, PATIENCE);
  }

  private services(host: string, ...ports: number[]): void {
    this.program(host, 'services', ports.map(String));
  }

  private program(host: string, name: string, words: readonly string[]): Running {
    const file = join(process.cwd(), `dist/test/walkthrough/programs/${name}.js`);
    const node = ['--disable-warning=ExperimentalWarning', file, ...words];
    return this.host(host).start(name, process.execPath, node, this.environment);
  }
}

const ISSUER = {
  name: 'example',
  title: 'Example',
  issuer: 'https://login.example.com:8443',
  clientId: 'netfold',
  clientSecretFile: 'oidc-secret',
  allowedDomains: ['example.com'],
};

/** Puts `netfold` where a shell finds it. */
function writeProgram(bin: string): void {
  const file = join(bin, 'netfold');
  const main = join(process.cwd(), 'dist/apps/cli/src/main.js');
  mkdirSync(bin);
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${main}" "$@"\n`);
  chmodSync(file, 0o755);
}
