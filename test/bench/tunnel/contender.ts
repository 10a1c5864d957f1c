import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KeyPair } from '#crypto';
import { toBase64 } from '#kernel';
import type { Host, Running } from '../../netns/lab/host.js';
import { until } from '../../netns/lab/until.js';

/** What one end of a tunnel is configured with; keys are in base64. */
export interface EndSetup {
  readonly device: string;
  readonly mtu: number;
  readonly port: number;
  readonly address: string;
  readonly privateKey: string;
  readonly peers: readonly {
    readonly publicKey: string;
    readonly address: string;
    readonly endpoint?: { readonly address: string; readonly port: number };
  }[];
  /** How many rules the filter has besides the one that lets everything in. */
  readonly rules: number;
}

/** A program that is measured. */
export interface Contender {
  readonly name: string;
  /** Starts one end; packets can flow when it resolves, but for addresses and routes. */
  start(host: Host, setup: EndSetup): Promise<Running>;
}

let started = 0;
const END = fileURLToPath(new URL('./netfold-end.js', import.meta.url));

export const netfold = (kind: 'worker' | 'inline'): Contender => ({
  name: kind === 'worker' ? 'netfold' : 'netfold, inline',
  start: async (host, setup) => {
    const file = join(host.folder, 'end.json');
    writeFileSync(file, JSON.stringify({ ...setup, kind }), { mode: 0o600 });
    const running = host.start(`netfold-${kind}-${++started}`, process.execPath, [END, file]);
    await until('netfold is ready', async () => running.output().includes('ready'));
    return running;
  },
});

/** @param program of wireguard-go, any version */
export const wireguardGo = (name: string, program: string): Contender => ({
  name,
  start: async (host, setup) => {
    const running = host.start(`wireguard-${++started}`, program, ['-f', setup.device], {
      WG_PROCESS_FOREGROUND: '1',
    });
    await until('the interface is there', async () => host.ip('link').includes(setup.device));
    await until(
      'the interface can be configured',
      async () => (await host.run('wg', ['show', setup.device])).code === 0,
    );
    const file = join(host.folder, 'wg.conf');
    writeFileSync(file, confOf(setup), { mode: 0o600 });
    const ran = await host.run('wg', ['setconf', setup.device, file]);
    if (ran.code !== 0) throw new Error(`wg setconf: ${ran.stderr}`);
    return running;
  },
});

/** One end of each. */
export const between = (name: string, from: Contender, to: Contender): Contender => ({
  name,
  start: (host, setup) => (setup.address === innerAddress(0) ? from : to).start(host, setup),
});

function confOf({ privateKey, port, peers }: EndSetup): string {
  const lines = ['[Interface]', `PrivateKey = ${privateKey}`, `ListenPort = ${port}`];
  for (const { publicKey, address, endpoint } of peers) {
    lines.push('[Peer]', `PublicKey = ${publicKey}`, `AllowedIPs = ${address}/32`);
    if (endpoint) lines.push(`Endpoint = ${endpoint.address}:${endpoint.port}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Two ends of a tunnel between two hosts. */
export class TunnelPair {
  private constructor(
    readonly ends: readonly [Running, Running],
    readonly hosts: readonly [Host, Host],
    readonly device: string,
  ) {}

  static async open(
    contender: Contender,
    hosts: readonly [Host, Host],
    keys: readonly [KeyPair, KeyPair],
    { mtu, rules }: { readonly mtu: number; readonly rules: number },
  ): Promise<TunnelPair> {
    const device = `nfb${process.pid}`.slice(0, 12);
    const ends: Running[] = [];
    for (const index of [0, 1] as const) {
      const other = (1 - index) as 0 | 1;
      const setup: EndSetup = {
        device: `${device}${index}`,
        mtu,
        port: 51_820,
        address: innerAddress(index),
        privateKey: toBase64(keys[index].privateKey),
        peers: [
          {
            publicKey: toBase64(keys[other].publicKey),
            address: innerAddress(other),
            endpoint: { address: outerAddress(other), port: 51_820 },
          },
        ],
        rules,
      };
      const host = hosts[index];
      ends.push(await contender.start(host, setup));
      host.ip('addr', 'add', `${setup.address}/24`, 'dev', setup.device);
      host.ip('link', 'set', setup.device, 'mtu', String(mtu), 'up');
    }
    const pair = new TunnelPair(ends as [Running, Running], hosts, device);
    await until(
      'the tunnel carries packets',
      async () => (await hosts[0].run('ping', ['-n', '-c', '1', '-W', '1', innerAddress(1)])).code === 0,
    );
    return pair;
  }

  /** Processor time of both ends so far, seconds. */
  cpuSeconds(): number {
    const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    return this.ends.reduce((sum, { process: child }) => sum + cpuTicks(child.pid ?? 0), 0) / ticks;
  }

  async close(): Promise<void> {
    await Promise.all(this.ends.map((end) => end.stop()));
  }
}

export const innerAddress = (index: 0 | 1): string => `10.66.0.${index + 1}`;
export const outerAddress = (index: 0 | 1): string => `10.9.0.${index + 2}`;

/** Of a process with all its threads (proc(5), "stat": utime and stime). `ip netns exec` became the program. */
function cpuTicks(pid: number): number {
  const fields = execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' })
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
