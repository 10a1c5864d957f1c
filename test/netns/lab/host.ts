import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long a command may take, and a program to end when it is asked to; the machine may be busy. Milliseconds. */
const PATIENCE = 120_000;

/** A program that runs in the background; its output goes to a file in the host's folder. */
export interface Running {
  readonly process: ChildProcess;
  output(): string;
  /** Ends it and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Where `wg` looks for interfaces that are not the kernel's: its path is built in. */
const WIREGUARD = '/var/run/wireguard';
// Namespaces of a network share the file system, interfaces of two hosts may have the same name, and each has its own
// resolver and name.
const WITH_OWN_FILES = [
  `mount --bind "$0/wireguard" ${WIREGUARD}`,
  'mount --bind "$0/resolv.conf" /etc/resolv.conf',
  `exec unshare --uts sh -c 'hostname "$0" && exec "$@"' "\${0##*/}" "$@"`,
].join(' && ');

const inFolder = (line: string): string[] => ['-c', `cd "$HOME" && exec 2>&1 && ${line}`];

const program = join(process.cwd(), 'dist/apps/cli/src/main.js');

/** One namespace of a lab, with a folder for the state of the programs that run in it. */
export class Host {
  private readonly running: Running[] = [];

  constructor(
    readonly name: string,
    readonly namespace: string,
    readonly folder: string,
  ) {
    for (const needed of [this.sockets, WIREGUARD]) mkdirSync(needed, { recursive: true });
    writeFileSync(this.resolvConf, '');
  }

  /** What the host has in place of `/var/run/wireguard`. */
  get sockets(): string {
    return join(this.folder, 'wireguard');
  }

  /** What the host has in place of `/etc/resolv.conf`. */
  get resolvConf(): string {
    return join(this.folder, 'resolv.conf');
  }

  ip(...words: string[]): string {
    return execFileSync('ip', ['-n', this.namespace, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a command to its end; a failure is an answer too. */
  run(
    command: string,
    words: readonly string[],
    options: { input?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Ran> {
    return new Promise((resolve) => {
      const child = execFile(
        'ip',
        this.within(command, words),
        { encoding: 'utf8', env: { ...process.env, ...options.env }, timeout: PATIENCE, maxBuffer: 1 << 26 },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) || 1 : 0, stdout, stderr }),
      );
      child.stdin?.on('error', () => {}); // a command that does not read may end first
      child.stdin?.end(options.input ?? '');
    });
  }

  /** Runs `netfold …` to its end. */
  netfold(words: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ran> {
    return this.run(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
      ...options,
      env: this.environment(options.env),
    });
  }

  /** Runs a line of shell in the host's folder to its end; both outputs are one, as on a terminal. */
  async shell(line: string, env?: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
    const { code, stdout } = await this.run('sh', inFolder(line), { env: this.environment(env) });
    return { code, output: stdout };
  }

  /** Starts a command that stays, or waits for somebody, as a shell reads it. */
  startShell(label: string, command: string, env?: NodeJS.ProcessEnv): Running {
    return this.start(label, 'sh', inFolder(`exec ${command}`), env); // signals reach the command, not a shell
  }

  /** A file that is run as `command` is, but in this host. @returns its path */
  executable(command: string): string {
    const file = join(this.folder, basename(command));
    const words = this.within(command, []).map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    writeFileSync(file, `#!/bin/sh\nexec ip ${words.join(' ')} "$@"\n`, { mode: 0o755 });
    return file;
  }

  /** Starts a program that stays. */
  start(label: string, command: string, words: readonly string[], env?: NodeJS.ProcessEnv): Running {
    const log = join(this.folder, `${label}.log`);
    const file = openSync(log, 'a'); // its own: what it has written is there to be read, whatever this process is at
    const child = spawn('ip', this.within(command, words), {
      stdio: ['ignore', file, file],
      env: this.environment(env),
    });
    closeSync(file);
    const running: Running = {
      process: child,
      output: () => readFileSync(log, 'utf8'),
      stop: async (signal = 'SIGTERM') => {
        if (child.exitCode === null && child.signalCode === null) {
          const ended = once(child, 'exit');
          child.kill(signal);
          const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
          await ended;
          clearTimeout(impatience);
        }
      },
    };
    this.running.push(running);
    return running;
  }

  /** Starts `netfold …` as a program that stays. */
  startNetfold(label: string, words: readonly string[], env?: NodeJS.ProcessEnv): Running {
    return this.start(label, process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], env);
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((running) => running.stop()));
  }

  private within(command: string, words: readonly string[]): string[] {
    return ['netns', 'exec', this.namespace, 'sh', '-c', WITH_OWN_FILES, this.folder, command, ...words];
  }

  private environment(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    // Namespaces of the lab share the file system: each host has its own agent.
    const own = { HOME: this.folder, NETFOLD_SOCKET: join(this.folder, 'agent.sock') };
    return { ...process.env, XDG_STATE_HOME: undefined, XDG_CONFIG_HOME: undefined, ...own, ...extra };
  }
}
