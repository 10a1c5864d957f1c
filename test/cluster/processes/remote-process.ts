import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a child process can be asked: plain values there and back. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the arguments are, they are typed by whoever implements it
export type Methods = Readonly<Record<string, (...args: any[]) => unknown>>;

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Told {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A program of this folder in a process of its own, which ends with this one. */
export class RemoteProcess<M extends Methods> {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;

  #killed = false;

  private constructor(
    private readonly child: ChildProcess,
    program: string,
  ) {
    child.on('message', ({ id, value, error }: Told) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    child.on('exit', (code, signal) => {
      if (!this.#killed) console.error(`test:cluster: ${program} ended by itself: ${code ?? signal}`);
      for (const { reject } of this.#waiting.values()) reject(new Error('the process ended'));
    });
  }

  /** Starts `program` (relative to `base`), and answers once it serves. */
  static async start<M extends Methods>(program: string, base: string, words: readonly string[]) {
    const child = fork(fileURLToPath(new URL(program, base)), words, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const remote = new RemoteProcess<M>(child, program);
    const failed = once(child, 'exit').then(() => Promise.reject(new Error(`${program} ended before it served`)));
    await Promise.race([remote.#answerTo(0), failed]);
    failed.catch(() => {});
    return remote;
  }

  call<K extends keyof M & string>(method: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>> {
    const id = ++this.#last;
    const answer = this.#answerTo(id);
    this.child.send({ id, method, args } satisfies Asked, (error) => {
      if (error) this.#waiting.get(id)?.reject(error);
    });
    return answer as Promise<Awaited<ReturnType<M[K]>>>;
  }

  /** Kills it as a power failure would. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.#killed = true;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  #answerTo(id: number): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    answer.promise.catch(() => {}); // whoever asked may have given up
    return answer.promise;
  }
}

/** Serves the parent of this process until it is gone. */
export function serveParent(methods: Methods): void {
  process.on('message', ({ id, method, args }: Asked) => {
    const tell = (told: Told) => process.connected && process.send?.(told);
    Promise.resolve()
      .then(() => methods[method]?.(...args))
      .then(
        (value) => tell({ id, value }),
        (error: unknown) =>
          tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ id: 0 } satisfies Told);
}
