import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../apps/cli/src/main.js', import.meta.url));
const PRELOAD = new URL('./replica-preload.js', import.meta.url).href;

/** How long a start may take, and a drain; the machine may be busy. */
const PATIENCE_MS = 180_000;

/** What `netfold server --json` prints once it serves. */
interface Ready {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  readonly adminToken?: string;
}

/** A control replica in a process of its own, which keeps its ports over its deaths. */
export class Replica {
  httpUrl = '';
  grpcAddress = '';
  /** The first API token; of the replica that was the first of all to start. */
  adminToken: string | undefined;
  starts = 0;
  #child: ChildProcess | undefined;

  /** @param words of `netfold server`, beside where it keeps things and listens */
  constructor(
    readonly number: number,
    private readonly folder: string,
    private readonly words: readonly string[],
  ) {
    mkdirSync(this.stateDir, { recursive: true });
  }

  get stateDir(): string {
    return join(this.folder, `replica-${this.number}`);
  }

  /** What all its processes have printed on standard error. */
  get logFile(): string {
    return join(this.folder, `replica-${this.number}.log`);
  }

  /** Starts it, and answers once it serves. */
  async start(): Promise<void> {
    const at = (address: string) => address.replace(/^.*\/\//, '') || '127.0.0.1:0';
    const where = ['--listen', at(this.httpUrl), '--listen-agents', at(this.grpcAddress)];
    const words = [
      '--import',
      PRELOAD,
      PROGRAM,
      'server',
      '--json',
      '--state-dir',
      this.stateDir,
      ...where,
      ...this.words,
    ];
    const child = spawn(process.execPath, ['--enable-source-maps', '--disable-warning=ExperimentalWarning', ...words], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.starts += 1;
    child.on('error', () => {}); // of messages to one that is gone
    child.stderr?.pipe(createWriteStream(this.logFile, { flags: 'a' }));
    const { httpUrl, grpcAddress, adminToken } = await readyOf(child, this.logFile);
    this.httpUrl = httpUrl;
    this.grpcAddress = grpcAddress;
    this.adminToken ??= adminToken;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Sets its clock wrong by so many milliseconds. */
  skew(milliseconds: number): void {
    if (this.isRunning) this.#child?.send({ skew: milliseconds });
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Asks it to go, and answers with its exit code when it is gone; one that does not go is killed, and that is null. */
  async drain(): Promise<number | null> {
    if (!this.isRunning || !this.#child) return 0;
    const gone = once(this.#child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.#child.kill('SIGTERM');
    const [code] = (await gone.catch(() => [null])) as [number | null];
    await this.kill();
    return code;
  }

  /** Kills it as a power failure would. */
  async kill(): Promise<void> {
    if (!this.isRunning || !this.#child) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

async function readyOf(child: ChildProcess, logFile: string): Promise<Ready> {
  const ready = Promise.withResolvers<Ready>();
  let printed = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    printed += bytes;
    if (printed.trimEnd().endsWith('}')) ready.resolve(JSON.parse(printed) as Ready);
  });
  const fail = (how: string) => ready.reject(new Error(`a replica ${how} before it served: see ${logFile}`));
  const timer = setTimeout(() => fail(`took ${PATIENCE_MS} ms`), PATIENCE_MS);
  child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
  return await ready.promise.finally(() => clearTimeout(timer));
}
