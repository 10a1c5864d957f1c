import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type KeyPair, newDhKeyPair } from '#crypto';
import type { PeerConfig } from '../device/peer-config.js';
import { formatWgConf } from '../uapi/wg-conf.js';
import { crypto, random, type UdpPath } from './udp-endpoint.js';

const run = promisify(execFile);
let serial = 0;
const socketOf = (name: string): string => `/var/run/wireguard/${name}.sock`;

/**
 * A wireguard-go whose UDP socket is in the namespace of this process, so that it is reached over loopback, and whose
 * interface is in one of its own. Needs root. Names carry the process id, so two runs do not meet.
 */
export class WireguardGo {
  readonly keys: KeyPair = newDhKeyPair(crypto, random);

  private constructor(
    readonly name: string,
    readonly namespace: string,
    readonly process: ChildProcess,
  ) {}

  /** @param address of the interface, with its length */
  static async start(address: string): Promise<WireguardGo> {
    const name = `nfw${process.pid}x${serial++}`;
    const namespace = `nftest-${process.pid}-wg${serial}`;
    execFileSync('ip', ['netns', 'add', namespace]);
    const go = new WireguardGo(name, namespace, spawn('wireguard-go', ['-f', name], { stdio: 'ignore' }));
    while (!existsSync(socketOf(name))) await pause(20);
    execFileSync('ip', ['link', 'set', name, 'netns', namespace]);
    go.configure([]);
    execFileSync('ip', ['-n', namespace, 'addr', 'add', address, 'dev', name]);
    execFileSync('ip', ['-n', namespace, 'link', 'set', name, 'up']);
    return go;
  }

  /** Has these peers and no others; what the engine would print in their place is read by `wg setconf`. */
  configure(peers: readonly PeerConfig<UdpPath>[]): void {
    const options = { listenPort: this.#port() || 0, formatEndpoint: ({ key }: UdpPath) => key };
    const folder = mkdtempSync(join(tmpdir(), 'netfold-'));
    const file = join(folder, 'wg.conf');
    writeFileSync(file, formatWgConf({ privateKey: this.keys.privateKey, peers }, options), { mode: 0o600 });
    execFileSync('wg', ['setconf', this.name, file]);
    rmSync(folder, { recursive: true });
  }

  get port(): number {
    return this.#port();
  }

  /** What a command in its namespace prints. @throws Error when it fails */
  async exec(...words: string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', this.namespace, ...words])).stdout;
  }

  /** The numbers of the echo requests that were answered, as the answers came. @param words of ping(8) */
  async ping(target: string, ...words: string[]): Promise<number[]> {
    const printed = await this.exec('ping', '-n', ...words, target).catch(({ stdout }) => String(stdout));
    return [...printed.matchAll(/bytes from .*\bicmp_seq=(\d+)/g)].map(([, number]) => Number(number));
  }

  /** Returns when it has ended: the next one may have the same names. */
  async close(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill();
      await ended;
    }
    rmSync(socketOf(this.name), { force: true });
    execFileSync('ip', ['netns', 'del', this.namespace]);
  }

  #port(): number {
    return Number(execFileSync('wg', ['show', this.name, 'listen-port'], { encoding: 'utf8' }));
  }
}
