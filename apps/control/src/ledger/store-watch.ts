import { setTimeout as sleep } from 'node:timers/promises';
import { type Problem, problemOf } from '#kernel';
import type { Following } from './following.js';

/** How often it looks, in milliseconds. */
const EVERY_MS = 2_000;
/** An answer may take so many times as long. */
const PATIENCE = 2;

/** Looks now and then whether this process still sees everything that is stored. */
export class StoreWatch {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** @param tell what is in the way, undefined when nothing is; only when that has changed */
  constructor(
    private readonly following: Pick<Following, 'caughtUp'>,
    private readonly tell: (problem: Problem | undefined) => void,
    private readonly everyMs = EVERY_MS,
  ) {}

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let told: string | undefined;
    while (!signal.aborted) {
      const problem = await this.#look(signal);
      if (!signal.aborted && problem?.code !== told) this.tell(problem);
      told = problem?.code;
      await sleep(this.everyMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  #look(signal: AbortSignal): Promise<Problem | undefined> {
    const late = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE * this.everyMs)]);
    return this.following.caughtUp(late).then(() => undefined, problemOf);
  }
}
