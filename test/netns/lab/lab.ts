import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host } from './host.js';

/**
 * Real hosts on one machine: network namespaces joined by a switch in a namespace of its own, so that nothing in
 * the machine's own network is touched and two labs can run at once. Names begin with the owner's process id:
 * what a killed run left behind is swept by the next one.
 */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'netfold-lab-'));
  private readonly prefix = `nf${process.pid}x${randomInt(1e9)}`;
  private readonly hosts: Host[] = [];
  private readonly switchName = `${this.prefix}-switch`;

  private constructor() {
    ip('netns', 'add', this.switchName);
    ip('-n', this.switchName, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.switchName, 'link', 'set', 'br0', 'up');
  }

  static open(): Lab {
    if (process.getuid?.() !== 0) {
      throw new Error('the namespace suite needs root: run it as  sudo npm run test:net');
    }
    sweep();
    return new Lab();
  }

  /** A host on the switch. `address` has a length: `10.9.0.2/24`. */
  host(name: string, address: string): Host {
    const host = this.bareHost(name);
    const port = `p${this.hosts.length}`;
    ip('-n', this.switchName, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host.namespace);
    ip('-n', this.switchName, 'link', 'set', port, 'master', 'br0', 'up');
    host.ip('addr', 'add', address, 'dev', 'eth0');
    host.ip('link', 'set', 'eth0', 'up');
    return host;
  }

  /** A host that is reachable only through `router`, over a link of their own. */
  hostBehind(router: Host, name: string, address: string, routerAddress: string): Host {
    const host = this.bareHost(name);
    router.ip('link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host.namespace);
    router.ip('addr', 'add', routerAddress, 'dev', 'lan0');
    router.ip('link', 'set', 'lan0', 'up');
    host.ip('addr', 'add', address, 'dev', 'eth0');
    host.ip('link', 'set', 'eth0', 'up');
    host.ip('route', 'add', 'default', 'via', routerAddress.split('/')[0] as string);
    return host;
  }

  /** Ends the processes that run in the lab, then takes it down. */
  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop()));
    for (const name of namespaces().filter((one) => one.startsWith(`${this.prefix}-`))) {
      endAll(name);
      ip('netns', 'del', name);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private bareHost(name: string): Host {
    const host = new Host(name, `${this.prefix}-${name}`, join(this.folder, name));
    this.hosts.push(host);
    ip('netns', 'add', host.namespace);
    const settings = AS_FROM_THE_KERNEL.map((name) => `${name}=0`);
    execFileSync('ip', ['netns', 'exec', host.namespace, 'sysctl', '-qw', ...settings]);
    host.ip('link', 'set', 'lo', 'up');
    return host;
  }
}

/** What a namespace inherits of the machine that the lab is on, which may be a router or a strict one. */
const AS_FROM_THE_KERNEL = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.default.rp_filter'];

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** What a program that was ended has started may have outlived it. */
function endAll(namespace: string): void {
  const pids = execFileSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {} // it has just ended
  }
}

const namespaces = (): string[] => {
  try {
    return readdirSync('/run/netns');
  } catch {
    return []; // the folder appears with the first namespace
  }
};

/** Removes the namespaces of labs whose process is gone. */
function sweep(): void {
  for (const name of namespaces()) {
    const owner = /^nf(\d+)x\d+-/.exec(name)?.[1];
    if (!owner || isAlive(Number(owner))) continue;
    try {
      ip('netns', 'del', name);
    } catch {} // another run has just swept it
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
