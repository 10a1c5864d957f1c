import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { Notice, WorkerSetup } from './worker/protocol.js';
import { type LinkListener, WorkerLink } from './worker-link.js';

export interface SupervisorListener {
  note(notice: Notice): void;
  /** There is no worker, at least for a while. */
  failed(problem: Problem): void;
  /** There is another one, which knows nothing yet. */
  restarted(): void;
}

type Setup = Omit<WorkerSetup, 'shared'>;

/** Before another worker is started: doubled with each that ends soon, ms. */
const DELAY = { first: 50, most: 10_000 } as const;
/** One that ran for so long had no trouble of the one before, ms. */
const STABLE = 60_000;

/** Keeps a worker running: one that ends is followed by another, after a while that grows. */
export class Supervisor {
  /** Resolves when the first worker runs; to what is wrong when it does not. */
  readonly started: Promise<Problem | undefined>;
  /** Workers that followed on one that ended. */
  restarts = 0;
  #settle: (problem: Problem | undefined) => void = () => {};
  #link: WorkerLink;
  #delay: number = DELAY.first;
  #readyAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What another worker would not do better. */
  #final: Problem | undefined;
  #first = true;
  #closed = false;

  constructor(
    readonly setup: Setup,
    readonly listener: SupervisorListener,
    readonly startLink: (setup: Setup, listener: LinkListener) => WorkerLink = (...words) => new WorkerLink(...words),
  ) {
    this.started = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#link = this.#start();
  }

  get link(): WorkerLink {
    return this.#link;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#link.stop();
  }

  #start(): WorkerLink {
    this.#readyAt = undefined;
    return this.startLink(this.setup, {
      note: (notice) => this.#note(notice),
      ended: (problem) => this.#ended(problem),
    });
  }

  #note(notice: Notice): void {
    if (notice.kind === 'failed') this.#final = notice.problem;
    this.listener.note(notice);
    if (notice.kind === 'ready') this.#ready();
  }

  #ready(): void {
    this.#readyAt = performance.now();
    if (this.#first) {
      this.#first = false;
      this.#settle(undefined);
      return;
    }
    this.restarts++;
    try {
      this.listener.restarted();
    } catch (error) {
      // It has ended again, and will be followed; anything else is to be seen.
      if (!(error instanceof NetfoldError)) this.listener.failed(problemOf(error));
    }
  }

  #ended(problem: Problem): void {
    if (this.#closed) return;
    const cause = this.#final ?? problem;
    if (this.#first) {
      this.#settle(cause);
      return;
    }
    this.listener.failed(cause);
    if (this.#final) return;
    const ran = this.#readyAt === undefined ? 0 : performance.now() - this.#readyAt;
    if (ran > STABLE) this.#delay = DELAY.first;
    this.#timer = setTimeout(() => {
      this.#link = this.#start();
    }, this.#delay);
    this.#delay = Math.min(2 * this.#delay, DELAY.most);
  }
}
