import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NetfoldError } from '#kernel';
import { findChromium } from './browser.js';

/** Programs, with the packages of Debian that they come with. */
const TOOLS = {
  ip: 'iproute2',
  nft: 'nftables',
  ping: 'iputils-ping',
  openssl: 'openssl',
  dig: 'bind9-dnsutils',
  dnsmasq: 'dnsmasq-base',
  jq: 'jq',
  nc: 'netcat-openbsd',
  curl: 'curl',
  hostname: 'hostname',
} as const;

/** @throws NetfoldError `walkthrough.need_root`, `walkthrough.missing_tool`, with what to do about it */
export function requireAll(): void {
  if (process.getuid?.() !== 0) {
    const hint = 'run it as: sudo npm run walkthrough';
    throw new NetfoldError({ code: 'walkthrough.need_root', message: 'namespaces and TUN devices need root', hint });
  }
  const missing = Object.entries(TOOLS).filter(([tool]) => !isOnPath(tool));
  const packages = [...missing.map(([, source]) => source), ...(findChromium() ? [] : ['chromium'])];
  if (packages.length === 0) return;
  throw new NetfoldError({
    code: 'walkthrough.missing_tool',
    message: 'some programs are not installed',
    hint: `install them: apt install --no-install-recommends ${packages.join(' ')}`,
  });
}

const isOnPath = (tool: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)));
