import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { Host } from '../netns/lab/host.js';

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What Debian calls it. */
export const findChromium = (): string | undefined =>
  ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));

/** Starts a browser on a host, with a profile of its own. It trusts this certificate beside those that all trust. */
export function openBrowser(host: Host, certificate: string): Promise<Browser> {
  const program = findChromium();
  if (!program) throw new Error('there is no chromium: apt install chromium');
  const key = new X509Certificate(readFileSync(certificate)).publicKey.export({ type: 'spki', format: 'der' });
  const trusted = createHash('sha256').update(key).digest('base64');
  return chromium.launch({
    executablePath: host.executable(program),
    timeout: 120_000,
    args: [...QUIET, `--ignore-certificate-errors-spki-list=${trusted}`],
    env: { PATH: process.env.PATH, HOME: host.folder },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
