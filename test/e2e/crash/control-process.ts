import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const PROGRAM = join(process.cwd(), 'dist/apps/control/src/main.js');

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Ready {
  readonly httpUrl: string;
  readonly grpcAddress: string;
}

/** A control plane in a process of its own, which is killed and started again on the same state directory. */
export class ControlProcess {
  /** The first API token, which the first start shows. */
  token = '';
  /** All that the processes have printed on standard error. */
  log = '';
  #child: Child | undefined;
  #ready = Promise.withResolvers<Ready>();
  readonly #tokenShown = Promise.withResolvers<void>();

  constructor(readonly stateDir: string) {}

  /** Where it serves, as soon as it does. */
  get ready(): Promise<Ready> {
    return this.#ready.promise;
  }

  /** Starts it, and answers once it serves. */
  async start(): Promise<Ready> {
    const child = this.#spawn();
    void this.#follow(child.stderr, (line) => {
      const { httpUrl, grpcAddress } = parseLine(line);
      if (httpUrl && grpcAddress) this.#ready.resolve({ httpUrl, grpcAddress });
    });
    const failed = once(child, 'exit').then(() => {
      throw new Error(`the control plane ended before it served:\n${this.log}`);
    });
    failed.catch(() => {});
    await Promise.race([this.#tokenShown.promise, failed]);
    return await Promise.race([this.ready, failed]);
  }

  /** Starts it, and kills it while it starts. @param milliseconds after which it dies */
  async startAndKill(milliseconds: number): Promise<void> {
    const child = this.#spawn();
    void this.#follow(child.stderr, () => {});
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    await once(child, 'exit');
    clearTimeout(timer);
  }

  /** Kills it as a power failure would; whoever waits for `ready` from now on waits for the next start. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#ready = Promise.withResolvers();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  #spawn(): Child {
    const words = ['--state-dir', this.stateDir, '--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0'];
    const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    void this.#follow(child.stdout, (line) => {
      const [token] = /nfa_\w+/.exec(line) ?? [];
      if (!token) return;
      this.token = token;
      this.#tokenShown.resolve();
    });
    return child;
  }

  async #follow(output: Readable, take: (line: string) => void): Promise<void> {
    for await (const line of createInterface(output)) {
      take(line);
      if (output === this.#child?.stderr) this.log += `${line}\n`;
    }
  }
}

/** A line of the log; what a crash prints is none. */
function parseLine(line: string): Partial<Ready> {
  try {
    return JSON.parse(line) as Partial<Ready>;
  } catch {
    return {};
  }
}
