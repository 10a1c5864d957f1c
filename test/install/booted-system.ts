import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../netns/lab/until.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What keeps a system from being booted here; undefined when nothing does. */
export function cannotBoot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('systemd-nspawn', ['--version']).status !== 0) return 'no systemd-nspawn (systemd-container)';
  return undefined;
}

/**
 * A copy of this machine that systemd has booted, with a network of its own: what is written in it is in memory, and gone
 * when it is powered off. Nothing of this machine is touched.
 */
export class BootedSystem {
  private constructor(
    private readonly nspawn: ChildProcess,
    private readonly leader: number,
    private readonly folder: string,
  ) {}

  /** @param shown folders of this machine by where they are seen inside, read-only: the system's /tmp is its own */
  static async boot(shown: Readonly<Record<string, string>>): Promise<BootedSystem> {
    const folder = await mkdtemp(join(tmpdir(), 'netfold-booted-'));
    // The mounts are of a namespace that ends with its last process.
    const script = [
      'set -e; mount -t tmpfs -o size=4g tmpfs "$1"; cd "$1"; mkdir upper work root',
      'mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root',
      // Whatever this machine has to start at boot is not for a test, nor what netfold has left on it.
      'for unit in root/etc/systemd/system/*.wants root/etc/rc?.d; do rm -rf "$unit"; done',
      'rm -rf root/var/lib/netfold root/var/lib/private/netfold root/etc/netfold root/etc/default/netfold-*',
      'folder=$1; shift; exec systemd-nspawn --quiet --register=no --keep-unit --private-network --bind=/dev/net/tun --console=pipe -D "$folder/root" "$@" --boot',
    ].join('\n');
    const binds = Object.entries(shown).map(([inside, here]) => `--bind-ro=${here}:${inside}`);
    const words = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder, ...binds];
    const nspawn = spawn('unshare', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    nspawn.stderr.on('data', (chunk) => (said += chunk));
    let leader: number | undefined;
    await until('its process 1', async () => {
      if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn: ${said}`);
      leader = childrenOf(nspawn.pid).find((child) => processInside(child) === 1);
      return leader !== undefined;
    });
    const system = new BootedSystem(nspawn, leader ?? -1, folder);
    await until('systemd', async () =>
      /^(running|degraded)/.test((await system.run('systemctl', 'is-system-running')).stdout),
    );
    return system;
  }

  /** Runs a program in the system; its input may be given. */
  run(file: string, ...words: readonly string[]): Promise<Ran> {
    return this.tell('', file, ...words);
  }

  tell(input: string, file: string, ...words: readonly string[]): Promise<Ran> {
    const into = [
      '--target',
      String(this.leader),
      '--all',
      '--',
      'env',
      '-i',
      'HOME=/root',
      `PATH=${process.env.PATH}`,
    ];
    return new Promise((done) => {
      const child = execFile('nsenter', [...into, file, ...words], { maxBuffer: 1 << 26 }, (_, stdout, stderr) =>
        done({ code: child.exitCode ?? -1, stdout, stderr }),
      );
      child.stdin?.on('error', () => {}); // it need not read to its end
      child.stdin?.end(input);
    });
  }

  /** A property of a unit, as `systemctl show` has it. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.run('systemctl', 'show', '--value', '--property', name, unit)).stdout.trim();
  }

  async powerOff(): Promise<void> {
    const gone = this.nspawn.exitCode === null ? once(this.nspawn, 'exit') : undefined;
    this.nspawn.kill('SIGTERM'); // an orderly power off
    await gone;
    await rm(this.folder, { recursive: true });
  }
}

const childrenOf = (pid = 0): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it is gone
  }
};

/** What a process is called in the innermost of its namespaces. */
const processInside = (pid: number): number | undefined => {
  try {
    return Number(/^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
};
