import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host, Running } from '../../netns/lab/host.js';
import { until } from '../../netns/lab/until.js';
import { type EndSetup, SAYS } from './end-setup.js';

/** A program that is measured. */
export interface Contender {
  readonly name: string;
  /** Starts one end; packets can flow when it resolves, but for addresses and routes. Undefined where there is no tunnel. */
  readonly start?: (host: Host, setup: EndSetup) => Promise<Running>;
  /** Whether both ends are netfold, and do what a signal tells them to. */
  readonly obeys?: boolean;
}

/** The contender that the others are compared with: Debian's. */
export const BASE = 'wireguard-go';
export const NETFOLD = 'netfold';

/** The same link without a tunnel: the limit. */
export const noTunnel: Contender = { name: 'no tunnel' };

let started = 0;
const END = fileURLToPath(new URL('./netfold-end.js', import.meta.url));

export const netfold = (kind: 'worker' | 'inline'): Contender => ({
  name: kind === 'worker' ? NETFOLD : `${NETFOLD}, inline`,
  obeys: true,
  start: async (host, setup) => {
    const file = join(host.folder, 'end.json');
    writeFileSync(file, JSON.stringify({ ...setup, kind }), { mode: 0o600 });
    const running = host.start(`netfold-${kind}-${++started}`, process.execPath, [END, file]);
    await until('netfold is ready', async () => running.output().includes(SAYS.ready));
    return running;
  },
});

/** @param program of wireguard-go, any version */
export const wireguardGo = (name: string, program: string): Contender => ({
  name,
  start: async (host, setup) => {
    const words = ['-f', setup.device];
    const running = host.start(`wireguard-${++started}`, program, words, { WG_PROCESS_FOREGROUND: '1' });
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
export const between = (name: string, from: Contender, to: Contender, fromAddress: string): Contender => ({
  name,
  start: (host, setup) => {
    const start = (setup.address === fromAddress ? from : to).start;
    if (!start) throw new TypeError(`${name} has an end without a tunnel`);
    return start(host, setup);
  },
});

function confOf({ privateKey, port, peers }: EndSetup): string {
  const lines = ['[Interface]', `PrivateKey = ${privateKey}`, `ListenPort = ${port}`];
  for (const { publicKey, addresses, endpoint } of peers) {
    const allowed = addresses.map((address) => `${address}/32`).join(', ');
    lines.push('[Peer]', `PublicKey = ${publicKey}`, `AllowedIPs = ${allowed}`);
    if (endpoint) lines.push(`Endpoint = ${endpoint.address}:${endpoint.port}`);
  }
  return `${lines.join('\n')}\n`;
}
