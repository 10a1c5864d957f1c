import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Ran } from './host.js';
import { until } from './until.js';

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
  ) {}

  /** Makes an interface that wireguard-go runs, with a key of its own. */
  static async go(host: Host, name: string, address: string): Promise<Wg> {
    host.start('wireguard-go', 'wireguard-go', ['-f', name]);
    const wg = new Wg(host, name);
    await until(`the interface of ${host.name}`, async () => (await wg.wg('show', name)).code === 0);
    await wg.set('private-key', wg.file('key', (await wg.done('genkey')).trim()));
    host.ip('addr', 'add', address, 'dev', name);
    host.ip('link', 'set', name, 'up');
    return wg;
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
