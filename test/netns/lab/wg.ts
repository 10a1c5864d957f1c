import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Ran, Running } from './host.js';
import { until } from './until.js';

const DEFAULT_MTU = 1420;

/** What `wg show NAME dump` prints of a peer. */
export interface ShownPeer {
  readonly publicKey: string;
  readonly presharedKey: string;
  readonly endpoint: string;
  readonly allowedIps: readonly string[];
  /** Seconds since the Unix epoch; 0 for never. */
  readonly handshakeAt: number;
  readonly received: number;
  readonly sent: number;
  readonly keepalive: string;
}

/** An interface of a host as `wg(8)` sees it, whoever runs it. */
export class Wg {
  constructor(
    readonly host: Host,
    readonly name: string,
    /** The program that runs it, where the lab has started it. */
    readonly running?: Running,
  ) {}

  /** Makes an interface that wireguard-go runs, with a key of its own. @param addresses each with its length */
  static go(host: Host, name: string, ...addresses: string[]): Promise<Wg> {
    return Wg.made(host, host.start(name, 'wireguard-go', ['-f', name]), name, addresses);
  }

  /** The same, with netfold's data path. */
  static netfold(host: Host, name: string, ...addresses: string[]): Promise<Wg> {
    const program = join(process.cwd(), 'dist/test/netns/lab/wg-end.js');
    const words = ['--disable-warning=ExperimentalWarning', program, name, String(DEFAULT_MTU)];
    return Wg.made(host, host.start(name, process.execPath, words), name, addresses);
  }

  private static async made(host: Host, running: Running, name: string, addresses: readonly string[]): Promise<Wg> {
    const wg = new Wg(host, name, running);
    await until(`the interface of ${host.name}`, async () => (await wg.wg('show', name)).code === 0);
    await wg.set('private-key', wg.file('key', (await wg.done('genkey')).trim()));
    for (const address of addresses) wg.addAddress(address);
    host.ip('link', 'set', name, 'mtu', String(DEFAULT_MTU), 'up');
    return wg;
  }

  addAddress(address: string): void {
    this.host.ip('addr', 'add', address, 'dev', this.name, ...(address.includes(':') ? ['nodad'] : []));
  }

  /** `wg …` on the host; a failure is an answer too. */
  wg(...words: string[]): Promise<Ran> {
    return this.host.run('wg', words);
  }

  /** `wg set NAME …`. @throws Error what it printed when it failed */
  async set(...words: string[]): Promise<void> {
    await this.done('set', this.name, ...words);
  }

  /** What is printed by `wg …`. @throws Error when it failed */
  async done(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.wg(...words);
    if (code !== 0) throw new Error(`wg ${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  async publicKey(): Promise<string> {
    return (await this.done('show', this.name, 'public-key')).trim();
  }

  /** Makes the other one a peer with these allowed IPs. @param words more of `wg set … peer …` */
  async meets(other: Wg, allowedIps: string, ...words: string[]): Promise<void> {
    await this.set('peer', await other.publicKey(), 'allowed-ips', allowedIps, ...words);
  }

  async forgets(other: Wg): Promise<void> {
    await this.set('peer', await other.publicKey(), 'remove');
  }

  /** What it knows of the other one. */
  async of(other: Wg): Promise<ShownPeer | undefined> {
    return (await this.peers()).get(await other.publicKey());
  }

  async listenPort(): Promise<number> {
    return Number(await this.done('show', this.name, 'listen-port'));
  }

  /** By public key. */
  async peers(): Promise<Map<string, ShownPeer>> {
    const [, ...lines] = (await this.done('show', this.name, 'dump')).trim().split('\n');
    return new Map(lines.map((line) => line.split('\t')).map((columns) => [columns[0] as string, shown(columns)]));
  }

  /** A file that only its owner reads. @returns its path */
  file(name: string, content: string): string {
    const path = join(this.host.folder, name);
    writeFileSync(path, `${content}\n`, { mode: 0o600 });
    return path;
  }
}

const shown = ([publicKey, presharedKey, endpoint, allowedIps, handshake, received, sent, keepalive]: string[]) => ({
  publicKey: publicKey ?? '',
  presharedKey: presharedKey ?? '',
  endpoint: endpoint ?? '',
  allowedIps: (allowedIps ?? '').split(',').filter((prefix) => prefix !== '(none)'),
  handshakeAt: Number(handshake),
  received: Number(received),
  sent: Number(sent),
  keepalive: keepalive ?? '',
});
