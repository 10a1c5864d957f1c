import { type ChildProcess, spawn } from 'node:child_process';

/** Milliseconds in which several changes are one: setting up an interface takes a dozen. */
const PAUSE = 1_000;
/** Milliseconds before a program that ended is started again. */
const DELAY = 10_000;

/** Tells when an interface, its addresses or routes, or rules of routing were changed, by anybody. */
export class InterfaceWatch {
  #monitor: ChildProcess | undefined;
  #told: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    readonly name: string,
    readonly changed: () => void,
  ) {
    this.#start();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#told);
    clearTimeout(this.#again);
    this.#monitor?.kill();
  }

  /** When this process is killed, its interface goes: that is the last thing that the other one has to tell. */
  #start(): void {
    const words = ['monitor', 'link', 'address', 'route', 'rule', 'dev', this.name];
    const monitor = spawn('ip', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    monitor.stdout.on('data', () => this.#tellSoon());
    monitor.on('error', () => {}); // without the program nothing can be changed either
    monitor.on('close', () => this.#ended());
    this.#monitor = monitor;
  }

  #tellSoon(): void {
    this.#told ??= setTimeout(() => {
      this.#told = undefined;
      this.changed();
    }, PAUSE);
  }

  /** It gives up when more happens than it can read: then that has to be seen to as well. */
  #ended(): void {
    if (this.#closed) return;
    this.#again = setTimeout(() => {
      this.#start();
      this.#tellSoon();
    }, DELAY);
  }
}
