import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { libc } from '#host';
import { NetfoldError, type Problem } from '#kernel';
import { dropAlias } from './memory/low-alias.js';
import { type Answer, type Calls, type Notice, SHARED, type WorkerSetup } from './worker/protocol.js';

export interface LinkListener {
  note(notice: Notice): void;
  /** The thread is no more, of itself. */
  ended(problem: Problem): void;
}

// A turn of the worker takes milliseconds: whoever waits longer waits for a thread that hangs.
const PATIENCE_MS = 10_000;
/** Who is told to end does so with its turn: after so long it is ended by force, ms. */
const STOP_PATIENCE_MS = 5_000;

/** A worker's thread, from its start to its end, and the way to ask it. */
export class WorkerLink {
  readonly #one = new libc.SystemMemory(4096);
  readonly #requests = new MessageChannel();
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.length));
  readonly #worker: Worker;
  readonly #stopWorker = (): void => this.#stop();
  #cause = 'its thread ended';
  #ended = false;
  #stopped = false;
  #terminated = false;

  constructor(
    readonly setup: Omit<WorkerSetup, 'shared'>,
    listener: LinkListener,
    program = new URL('./worker/worker.js', import.meta.url),
  ) {
    this.#one.view.setBigUint64(0, 1n, true);
    const requests = this.#requests.port2;
    // Flags of the program, such as those of a test runner, are not for the worker.
    this.#worker = new Worker(program, {
      workerData: { setup: { ...setup, shared: this.#shared.buffer }, requests },
      transferList: [requests],
      execArgv: [],
    });
    this.#worker.on('message', (notice: Notice) => listener.note(notice));
    this.#worker.on('error', (error) => {
      this.#cause = error.message;
    });
    this.#worker.on('exit', () => {
      this.#finish();
      if (!this.#stopped) listener.ended(lost(this.#cause));
    });
    // A thread that blocks in a system call cannot be stopped from outside: without this, process.exit() hangs.
    process.once('exit', this.#stopWorker);
  }

  /** Whether it can be asked. */
  get isAlive(): boolean {
    return !this.#terminated && !this.#ended && !this.#stopped && Atomics.load(this.#shared, SHARED.ended) === 0;
  }

  /**
   * Asks and waits for the answer.
   * @throws NetfoldError what the call throws there, and `dataplane.lost` when there is no answer
   */
  call<K extends keyof Calls>(call: K, ...words: Parameters<Calls[K]>): ReturnType<Calls[K]> {
    if (!this.isAlive) throw new NetfoldError(lost(this.#cause));
    const before = Atomics.load(this.#shared, SHARED.answered);
    this.#requests.port1.postMessage({ call, words });
    this.wake();
    let waited: ReturnType<typeof Atomics.wait>;
    // The worker counts an answer, then calls: its call for the one before may come only now, and wakes us too early.
    do waited = Atomics.wait(this.#shared, SHARED.answered, before, PATIENCE_MS);
    while (waited === 'ok' && Atomics.load(this.#shared, SHARED.answered) === before);
    const received: { message: Answer } | undefined = receiveMessageOnPort(this.#requests.port1);
    if (!received) {
      if (waited === 'timed-out') this.terminate('its thread does not answer');
      throw new NetfoldError(lost(this.#cause));
    }
    if ('problem' in received.message) throw new NetfoldError(received.message.problem);
    return received.message.result as ReturnType<Calls[K]>;
  }

  /** A datagram that the worker handed over has been dealt with. */
  release(kind: 'foreign' | 'relayed'): void {
    Atomics.sub(this.#shared, SHARED[kind], 1);
  }

  /** Has it look at its sockets and requests. */
  wake(): void {
    libc.write(this.setup.wakeFd, this.#one.address, 8);
  }

  /** Ends the thread wherever it is, as a crash would; it is asked no more. */
  terminate(cause: string): void {
    this.#cause = cause;
    this.#terminated = true;
    void this.#worker.terminate();
    this.wake();
  }

  /** Ends the thread, by force if it hangs, and returns when it has ended. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#worker, 'exit');
    this.#stop();
    const force = setTimeout(() => this.terminate('its thread does not end'), STOP_PATIENCE_MS);
    await ended;
    clearTimeout(force);
  }

  #stop(): void {
    this.#stopped = true;
    Atomics.store(this.#shared, SHARED.mustEnd, 1);
    this.wake();
  }

  #finish(): void {
    this.#ended = true;
    process.off('exit', this.#stopWorker);
    this.#requests.port1.close();
    const alias = Atomics.load(this.#shared, SHARED.alias);
    if (alias !== 0) dropAlias(alias, Atomics.load(this.#shared, SHARED.aliasLength));
  }
}

const lost = (cause: string): Problem => ({
  code: 'dataplane.lost',
  message: `packets no longer come or go: ${cause}`,
  hint: 'the thread that carries them is started again; if this stays, start the agent again',
});
